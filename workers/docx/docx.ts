/** A document for Word and its like: the name of the recording, paragraphs, who speaks in bold. */
import { AlignmentType, Document, HeadingLevel, Packer, Paragraph as Block, TextRun } from 'docx';
import type { DocxRequest } from '../protocol';

/** Letters that are written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const LETTER = /\p{L}/u;
/** What XML cannot hold, and lone surrogates. */
const FORBIDDEN = /[\u0000-\u001f\u007f\ufffe\uffff]|\p{Cs}/gu;
const GREY = '5A5A5A';

/** As `dir="auto"` decides it: by the first letter. */
function isRightToLeft(text: string): boolean {
  const first = LETTER.exec(text)?.[0];
  return first !== undefined && RIGHT_TO_LEFT.test(first);
}

export async function docx({ title, language, paragraphs }: DocxRequest): Promise<Uint8Array<ArrayBuffer>> {
  const clean = (text: string) => text.replace(FORBIDDEN, '');
  const blocks = paragraphs.map(({ time, name, text }) => {
    const rightToLeft = isRightToLeft(text);
    const run = (words: string, look: { bold?: boolean; color?: string } = {}) =>
      new TextRun({ text: clean(words), ...(rightToLeft && { rightToLeft }), ...look });
    return new Block({
      ...(rightToLeft && { bidirectional: true }),
      alignment: AlignmentType.START,
      spacing: { after: 160 },
      children: [
        ...(time !== null ? [run(`${time}  `, { color: GREY })] : []),
        ...(name !== null ? [run(`${name}: `, { bold: true })] : []),
        run(text),
      ],
    });
  });
  const file = new Document({
    title: clean(title),
    creator: 'Earshot',
    ...(language !== null && { styles: { default: { document: { run: { language: { value: language } } } } } }),
    sections: [{ children: [new Block({ text: clean(title), heading: HeadingLevel.HEADING_1 }), ...blocks] }],
  });
  return new Uint8Array(await Packer.toArrayBuffer(file));
}
