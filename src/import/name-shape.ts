/** Whether words before a colon look like the name of somebody. Pure. */

/** What stands before a colon and is nobody: in the languages of the page, as the first word. */
const NOBODY = new Set(
  [
    'a also and answer attention because before after but captions caution chapter con conclusion cons contra credits date',
    'edit email e-mail episode example fact figure finally first first, free genre hint home however http https i idea important',
    'input item lesson level lie location lyrics me music mind myth namely new no note notes now number oh ok okay old option or',
    'our output part phone place plus point pro problem proof pros ps quote question reason remember result rule said says scene',
    'second section sign so solution song sound source sources spoiler step subject subtitle subtitles summary table the then',
    'there therefore third this that thus time tip title today tomorrow topic transcript translation true truth update url',
    'versus voiceover warning we website well what which who why yes yesterday you your my his her their its an here hey hello',
    'monday tuesday wednesday thursday friday saturday sunday breaking live caption chorus verse psalm genesis',
    // German
    'achtung aber abschnitt alles also anmerkung antwort beispiel bild das dein der die ein eine einerseits andererseits',
    'ergebnis erstens zweitens drittens fakt fazit folge frage grund hinweis ich ihr ihre ja jetzt kapitel lektion lösung mein',
    'meine merke mythos nein nun oder problem quelle quellen regel schritt sein seine szene tabelle teil thema tipp titel und',
    'unser unsere untertitel übersetzung vorteil nachteil vorteile nachteile warnung wichtig ziel zitat zum zusammenfassung',
    // French
    'alors attention avant après astuce but c’est chapitre ceci cela conclusion conseil donc elle étape et exemple extrait',
    'fait il image important je la le les l’idée leçon mais mon ma même non objectif oui ou par partie première problème',
    'question raison remarque réponse résultat résumé scène section solution source sous-titres tableau titre traduction un une',
    // Spanish
    'advertencia ahora antes aviso atención capítulo conclusión consejo después ejemplo el ella entonces escena fuente hecho',
    'importante la las los lección mi nota objetivo paso parte pero por pregunta primero problema razón regla respuesta',
    'resultado resumen sección segundo sí solución subtítulos tabla tema tercero título traducción un una y yo',
  ]
    .join(' ')
    .split(' '),
);

/** Words between the parts of a name. */
const PARTICLES = new Set(
  'al and bin da de del della den der di do dos du el et ibn la le of ten und van von y zu'.split(' '),
);

/** A speaker by number or by part, as programs and transcribers write it: that is nothing else, even once. */
const ROLE = new RegExp(
  '^(?:(?:speaker|spk|sprecher(?:in)?|locuteur|locutrice|intervenante?|hablante|orador|oradora|participant|person|voice|спикер|man|woman)' +
    '[ _-]?[№#]?\\s?(?:\\d{1,3}|[a-z])' +
    '|interviewer(?:in)?|interviewee|moderator(?:in)?|narrator|narrador|narrateur|erzähler(?:in)?|sprecher(?:in)?)$',
  'iu',
);

export function isRole(name: string): boolean {
  return ROLE.test(name);
}

/** Letters that are large, or of a script that has no large ones; a number or a sign may begin a later word. */
const FIRST = /^[\p{Lu}\p{Lt}\p{Lo}]/u;
const LATER = /^[\p{Lu}\p{Lt}\p{Lo}\p{N}#№&]/u;
const LETTERS = /^[\p{L}\p{M}\p{N} '’.&#№_-]+$/u;
/** A point is that of a title or of a letter that stands for a name. */
const ABBREVIATED =
  /^(?:\p{L}|dr|mr|mrs|ms|prof|st|sr|jr|lt|sgt|capt|col|gen|rev|hon|fr|dra|sra|srta|hr|dipl|ing)\.$/iu;
const MOST_WORDS = 5;

export function isName(name: string): boolean {
  if (isRole(name)) return true;
  const words = name.trim().split(/\s+/);
  if (!LETTERS.test(words.join(' ')) || words.length > MOST_WORDS || !FIRST.test(words[0])) return false;
  // A letter alone is one of several answers.
  if ((name.match(/\p{L}/gu)?.length ?? 0) < 2 || NOBODY.has(words[0].toLowerCase().replace(/\.$/, ''))) return false;
  return words.every(
    (word, index) =>
      (LATER.test(word) || (index > 0 && PARTICLES.has(word))) && (!word.includes('.') || ABBREVIATED.test(word)),
  );
}

/** Whether a name tells large letters from small ones: a word at the beginning of a sentence looks like one where not. */
export function hasCase(name: string): boolean {
  return /\p{Lu}/u.test(name);
}
