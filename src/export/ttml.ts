/**
 * TTML in the form of the IMSC 1.1 text profile (https://www.w3.org/TR/ttml-imsc1.1/), which television, Netflix and
 * Apple take. Times are clock times with milliseconds; one region at the foot of the picture.
 */
import { mapping } from '../mapping.ts';
import { speakersOf, type Speaker } from './speakers.ts';
import { subtitleClock } from './subtitle-clock.ts';
import type { Subtitle } from './subtitles.ts';
import { xmlAttributes, xmlText } from './xml.ts';

const HEAD = `    <styling>
      <style xml:id="text" tts:fontFamily="proportionalSansSerif" tts:fontSize="100%" tts:color="#ffffff" tts:textAlign="center"/>
    </styling>
    <layout>
      <region xml:id="foot" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after" tts:showBackground="whenActive"/>
    </layout>`;

export function* ttml(
  subtitles: readonly Subtitle[],
  { title, language, speakers }: { title: string; language: string | null; speakers?: readonly Speaker[] | undefined },
): Generator<void, string> {
  const heard = speakersOf(subtitles, speakers);
  const agents = new Map(heard.map(({ id }, index) => [id, `speaker${index + 1}`]));
  const cast = heard.map(
    ({ id, name }) =>
      `      <ttm:agent xml:id="${agents.get(id)}" type="person"><ttm:name type="full">${xmlText(name)}</ttm:name></ttm:agent>\n`,
  );
  const root = xmlAttributes({
    xmlns: 'http://www.w3.org/ns/ttml',
    'xmlns:tts': 'http://www.w3.org/ns/ttml#styling',
    'xmlns:ttm': 'http://www.w3.org/ns/ttml#metadata',
    'xmlns:ttp': 'http://www.w3.org/ns/ttml#parameter',
    'ttp:contentProfiles': 'http://www.w3.org/ns/ttml/profile/imsc1.1/text',
    'ttp:timeBase': 'media',
    'xml:lang': language ?? '',
  });
  const paragraphs = yield* mapping(subtitles, ({ startMs, endMs, text, speaker }, index) => {
    const attributes = xmlAttributes({
      'xml:id': `cue${index + 1}`,
      begin: subtitleClock(startMs, '.'),
      end: subtitleClock(endMs, '.'),
      'ttm:agent': speaker === undefined ? null : (agents.get(speaker) ?? null),
    });
    return `      <p${attributes}>${text.split('\n').map(xmlText).join('<br/>')}</p>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<tt${root}>
  <head>
    <metadata>
      <ttm:title>${xmlText(title)}</ttm:title>
${cast.join('')}    </metadata>
${HEAD}
  </head>
  <body region="foot" style="text">
    <div>
${paragraphs.join('')}    </div>
  </body>
</tt>
`;
}
