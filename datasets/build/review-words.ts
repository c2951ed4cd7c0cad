/** The words and sentence patterns of the generated reviews. `{slot}` in a pattern is filled from the list of that name. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const SLOTS: Readonly<Record<string, readonly string[]>> = {
  film: words(
    'film movie picture production story feature drama comedy thriller western sequel remake musical debut',
  ),
  aspect:
    words(`acting plot script dialogue direction music camera lighting editing soundtrack cast pacing ending
    opening scenery casting humor atmosphere photography screenplay costumes narration animation suspense romance chemistry
    choreography makeup storyline timing sound stunts premise finale performance character imagery production`),
  praise:
    words(`great wonderful excellent brilliant beautiful superb fantastic amazing perfect touching charming clever
    moving funny delightful gripping outstanding memorable stunning fresh powerful masterful convincing enjoyable sharp
    witty honest warm refreshing terrific captivating elegant haunting remarkable inspired flawless heartfelt thoughtful
    magnificent engaging absorbing sublime lively subtle rewarding poignant hilarious graceful impressive splendid
    intelligent imaginative unforgettable marvelous dazzling sincere enchanting riveting exquisite tender`),
  blame:
    words(`bad awful terrible boring dull poor horrible weak stupid lame predictable pointless annoying cheap flat
    tedious ridiculous disappointing pathetic laughable wooden clumsy lifeless messy shallow bland silly painful empty
    dreadful forgettable mediocre pretentious amateurish sloppy atrocious confusing unfunny incoherent stale unwatchable
    tiresome contrived insipid hollow abysmal cliched unconvincing lousy repetitive sluggish uninspired forced
    embarrassing insulting gloomy muddled witless plodding careless`),
  enjoyed: words('loved enjoyed adored admired liked treasured applauded cherished'),
  disliked: words('hated disliked regretted endured despised suffered resented loathed'),
  degree: words('very really quite truly rather simply totally utterly surprisingly fairly'),
  person:
    words(`hero heroine detective doctor teacher soldier sailor farmer lawyer singer dancer widow orphan priest
    thief king queen painter writer pilot nurse driver boxer cowboy spy student reporter sheriff butler gambler`),
  name: words(`anna boris clara david elena frank greta henry irene jacob karen louis maria nathan olga peter rosa samuel
    tina victor wanda xavier yvonne zoe albert bertha carlos dora edgar flora george hilda`),
  place:
    words(`city village island desert castle prison school hospital theater station harbor forest mountain farm hotel
    museum palace train ship border factory circus church market bridge valley tower garden cellar library`),
  event:
    words(`wedding murder robbery war storm trial journey funeral contest reunion escape accident divorce election
    duel flood party strike kidnapping rehearsal concert winter holiday betrayal secret letter promise rumor`),
  action:
    words(`meets follows saves betrays marries hires hunts forgives deceives visits teaches rescues blackmails
    befriends abandons challenges remembers protects suspects loses`),
  time: words('once again tonight today yesterday later years ago twice recently finally'),
};

/** Sentences that side with the film … */
export const PRAISE: readonly string[] = [
  'the {aspect} is {degree} {praise}',
  'the {aspect} was {praise} and the {aspect} was {praise} too',
  'i {enjoyed} the {praise} {aspect}',
  'what a {praise} {film}',
  'this is a {praise} {film} with {praise} {aspect}',
  '{name} is {praise} as the {person}',
  'i {enjoyed} every minute of it',
  'one of the best things about this {film} is the {praise} {aspect}',
  'it is never {blame}',
  'there is nothing {blame} about the {aspect}',
  'i expected a {blame} {film} but it is {praise}',
  'my family {enjoyed} it and i recommend it to everyone',
];

/** … and against it. */
export const BLAME: readonly string[] = [
  'the {aspect} is {degree} {blame}',
  'the {aspect} was {blame} and the {aspect} was {blame} too',
  'i {disliked} the {blame} {aspect}',
  'what a {blame} {film}',
  'this is a {blame} {film} with {blame} {aspect}',
  '{name} is {blame} as the {person}',
  'i {disliked} every minute of it',
  'one of the worst things about this {film} is the {blame} {aspect}',
  'it is never {praise}',
  'there is nothing {praise} about the {aspect}',
  'i expected a {praise} {film} but it is {blame}',
  'my family {disliked} it and i would warn everyone',
];

/** Sentences that tell the plot or nothing at all. */
export const NEUTRAL: readonly string[] = [
  'a {person} {action} a {person} in a {place}',
  '{name} {action} {name} after the {event}',
  'the {film} begins with a {event} near the {place}',
  '{name} plays the {person} who {action} the {person}',
  'i saw this {film} {time} with a friend',
  'then the {person} {action} {name} and a {event} follows',
  'it is about a {event} in the {place} and a {person} called {name}',
  'the {person} from the {place} never {action} the {person}',
  'some people talk about the {aspect} and others about the {aspect}',
  'it was made by the same people as the other {film} about a {event}',
  'in the end the {person} {action} {name} at the {place}',
  'you can see it on the {place} channel {time}',
];
