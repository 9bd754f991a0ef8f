/** Where a phrase ends: how bad it is to break a text before a word. Pure. */

/** Costs of a break, in points. What they are weighed against stands in cut.ts. */
const AFTER_SENTENCE = 0;
const AFTER_CLAUSE = 6;
const BEFORE_CLAUSE = 12;
const BEFORE_PHRASE = 18;
const ANYWHERE = 30;
const INSIDE_PHRASE = 60;

/** Closing quotes and brackets may follow the stop. Western, CJK, Arabic, Devanagari, Armenian and Ethiopic stops. */
const SENTENCE = /[.!?…。！？｡؟۔।॥։።]["'”’»›)\]}」』】）〉》]*$/u;
/** An abbreviation or a number's point ends nothing: "Dr.", "z. B.", "3." */
const ABBREVIATION =
  /^(?:\p{L}\.|(?:\p{L}\.)+|(?:mr|mrs|ms|dr|prof|st|sr|jr|vs|etc|bzw|ca|nr|hr|fr|mme|mlle|sra|srta)\.|\d+\.)$/iu;
const CLAUSE = /[,;:،؛、，；：–—]["'”’»)\]」』）]*$/u;

/** Words that begin a clause: a break before them is good. */
const CLAUSES = wordList(
  'and but or nor so yet because although though while whereas if unless until when where which who whom whose that than as since before after whether',
  'und aber oder denn sondern weil obwohl während wenn falls bevor nachdem als dass damit ob wo wie der die das welcher welche welches',
  'et mais ou donc or ni car parce puisque quand lorsque si bien quoique que qui dont où comme pendant',
  'y e pero o u ni sino porque aunque cuando donde si que quien cual como mientras pues',
  'e ma o però perché quando se che chi cui dove come mentre anche',
  'mas ou porque quando se que quem onde como enquanto embora',
  'en maar of want omdat hoewel terwijl als wanneer dat die waar toen',
  'и а но или потому что чтобы если когда где который которая которое которые как',
);
/** Words that begin a phrase: a break before them is better than one after them. */
const PHRASES = wordList(
  'in on at by for from to of with without about into onto over under between through during against toward towards across behind beyond',
  'in an auf bei für von zu mit ohne über unter zwischen durch während gegen nach vor seit aus um bis im am zum zur vom beim',
  'dans sur à de pour par avec sans sous entre chez vers contre depuis du des au aux',
  'en a de por para con sin sobre entre hacia hasta desde contra del al',
  'in a di da per con su tra fra senza del della dei delle nel nella al alla dal dalla',
  'em no na de do da dos das por para com sem sobre entre até ao à pelo pela',
  'in op aan bij voor van naar met zonder over onder tussen door tegen na uit om tot',
  'в на с из к у о об от до по за под над при без для через между',
);
/** Words that belong to the next one: a break after them tears a phrase apart. */
const LEADING = wordList(
  'a an the my your his her its our their this these those very not no is are was were be been am have has had do does did will would can could should may might must i you he she it we they mr mrs ms dr',
  'ein eine einen einem einer eines der die das den dem des mein dein sein ihr unser euer dieser diese dieses sehr nicht kein keine ist sind war waren bin hat haben hatte wird werden ich du er sie es wir',
  'un une le la les l’ mon ma mes ton ta tes son sa ses notre votre leur leurs ce cet cette ces très ne pas je tu il elle on nous vous ils elles est sont a ont',
  'un una unos unas el la los las mi tu su sus nuestro este esta estos estas muy no yo él ella es son está están ha han se me te lo',
  'un uno una il lo la i gli le l’ mio tuo suo questo questa molto non io lui lei è sono ha hanno si mi ti',
  'um uma o os as meu teu seu este esta muito não eu ele ela é são está tem se me',
  'een de het mijn jouw zijn haar ons deze dit heel niet geen ik jij hij zij wij is was heeft hebben',
  'не мой твой его её наш ваш этот эта это эти очень я ты он она мы вы они',
);
/** Japanese particles: a break after them is good, since they close a phrase. */
const PARTICLES = /^(?:は|が|を|に|へ|で|と|も|の|から|まで|より|けど|ので|のに|って|ね|よ)[、。！？]?$/u;

function wordList(...lists: string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')));
}

/** A word as the lists have it. */
function bare(piece: string): string {
  return piece
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}’']+$/gu, '')
    .replace(/'/g, '’');
}

export function endsSentence(piece: string): boolean {
  return SENTENCE.test(piece) && !ABBREVIATION.test(piece);
}

/** The cost of breaking the text between two pieces. The lists of all languages are one: the words hardly collide. */
export function breakCost(before: string, after: string): number {
  if (endsSentence(before)) return AFTER_SENTENCE;
  if (CLAUSE.test(before)) return AFTER_CLAUSE;
  if (PARTICLES.test(before)) return BEFORE_CLAUSE;
  const last = bare(before);
  if (LEADING.has(last) || PHRASES.has(last) || ABBREVIATION.test(before)) return INSIDE_PHRASE;
  const next = bare(after);
  if (CLAUSES.has(next)) return BEFORE_CLAUSE;
  if (PHRASES.has(next)) return BEFORE_PHRASE;
  return CLAUSES.has(last) ? INSIDE_PHRASE : ANYWHERE;
}
