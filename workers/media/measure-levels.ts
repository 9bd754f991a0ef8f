/** The levels of a recording that is not heard: one whose words came from a file, or from an earlier version of the page. */
import type { Levels, SoundChoice } from '../protocol';
import { decodeBlocks } from './decode';
import { LevelMeter } from './level-meter';
import { explain, openMedia } from './open';

/** Decoded at the rate that the engine hears at, so that both ways give the same levels. */
const SAMPLE_RATE = 16_000;

/**
 * Tells of all levels of the file, in order.
 * @param tell is waited for; false ends it
 * @throws a media fault, after the levels of what could be decoded
 */
export async function measureLevels(
  file: Blob,
  choice: SoundChoice,
  tell: (levels: Levels) => boolean | Promise<boolean>,
): Promise<void> {
  const media = await openMedia(file, choice);
  const meter = new LevelMeter(SAMPLE_RATE, 0);
  let wanted = true;
  const pass = async (levels: Levels | null) => {
    if (levels !== null && wanted) wanted = await tell(levels);
  };
  try {
    const { noSoundFault } = media;
    const named = (error: unknown) => explain(file, error, noSoundFault);
    for await (const samples of decodeBlocks(media, SAMPLE_RATE, 0, choice.channel, named)) {
      await pass(meter.add(samples));
      if (!wanted) break;
    }
  } finally {
    await pass(meter.end());
    media.dispose();
  }
}
