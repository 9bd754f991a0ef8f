/** What a person has chosen for exports, and what of it can be trusted when it is read back. Pure. */
import { PRESETS, validLimits, type Limits, type Preset, type PresetId } from '../shaper/limits.ts';
import { DEFAULT_OPTIONS, type ExportOptions } from './exported.ts';
import { FORMATS, type FormatId } from './formats.ts';

/** `limits` may differ from the preset's by hand; they do not count while the preset is Raw. */
export type ExportChoices = Omit<ExportOptions, 'limits' | 'hidden'> & {
  format: FormatId;
  preset: PresetId;
  limits: Limits;
};

export const DEFAULT_EXPORT: ExportChoices = {
  ...DEFAULT_OPTIONS,
  format: 'srt',
  preset: 'broadcast',
  limits: limitsOf('broadcast'),
};

export function presetOf(id: PresetId): Preset {
  return PRESETS.find((preset) => preset.id === id) ?? PRESETS[0];
}

/** Of Raw, which has none, those to begin with when another one is chosen. */
export function limitsOf(id: PresetId): Limits {
  const limits = presetOf(id).limits ?? PRESETS[0].limits;
  if (limits === null) throw new Error('the first preset has limits');
  return limits;
}

export function optionsOf({ format: _, preset, limits, ...options }: ExportChoices): ExportOptions {
  return { ...options, limits: presetOf(preset).limits === null ? null : limits };
}

/** Whether the limits are still the preset's own. */
export function isChanged({ preset, limits }: ExportChoices): boolean {
  const own = presetOf(preset).limits;
  return own !== null && JSON.stringify(validLimits(limits, own)) !== JSON.stringify(validLimits(own, own));
}

/** Only what is of the right kind; everything else is as it is by default. */
export function validExport(value: unknown): ExportChoices {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const flag = (name: 'times' | 'paragraphs' | 'speakers' | 'wordTimes') =>
    typeof given[name] === 'boolean' ? given[name] : DEFAULT_EXPORT[name];
  const preset = PRESETS.find(({ id }) => id === given['preset'])?.id ?? DEFAULT_EXPORT.preset;
  return {
    format: FORMATS.find(({ id }) => id === given['format'])?.id ?? DEFAULT_EXPORT.format,
    preset,
    limits: validLimits(given['limits'], limitsOf(preset)),
    times: flag('times'),
    paragraphs: flag('paragraphs'),
    speakers: flag('speakers'),
    wordTimes: flag('wordTimes'),
  };
}
