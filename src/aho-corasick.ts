/**
 * Returns a function that finds which of many words a text contains, by position in `words`, in order. It reads a text
 * once, however many words there are (Aho and Corasick, 1975), comparing UTF-16 units. An empty word is in every text.
 */
export function wordFinder(words: readonly string[]): (text: string) => number[] {
  // A state is a prefix of a word, numbered by length. 0 is the empty one, and also stands for no state.
  const firsts = new Map<number, number>();
  const codes = [0];
  const children = [0];
  const siblings = [0];
  /** The longest other state that a state ends with. */
  const suffixes = [0];
  const ends = new Map<number, number[]>([[0, []]]);
  const childOf = (state: number, code: number): number => {
    if (state === 0) return firsts.get(code) ?? 0;
    let child = children[state] ?? 0;
    while (child !== 0 && codes[child] !== code) child = siblings[child] ?? 0;
    return child;
  };
  const advance = (state: number, code: number): number => {
    for (let from = state; ; from = suffixes[from] ?? 0) {
      const next = childOf(from, code);
      if (next !== 0 || from === 0) return next;
    }
  };
  const addChild = (state: number, code: number): number => {
    const added = codes.push(code) - 1;
    siblings.push(children[state] ?? 0);
    children.push(0);
    suffixes.push(state === 0 ? 0 : advance(suffixes[state] ?? 0, code));
    if (state === 0) firsts.set(code, added);
    else children[state] = added;
    return added;
  };

  let unfinished = words.map((word, index) => ({ word, index, state: 0 }));
  for (let length = 0; unfinished.length > 0; length += 1) {
    unfinished = unfinished.filter((entry) => {
      const { word, index, state } = entry;
      const code = word.charCodeAt(length);
      if (length < word.length) entry.state = childOf(state, code) || addChild(state, code);
      else
        ends
          .set(state, ends.get(state) ?? [])
          .get(state)
          ?.push(index);
      return length < word.length;
    });
  }
  /** The longest suffix that is a word. */
  const wordSuffixes = [0];
  for (const suffix of suffixes.slice(1)) wordSuffixes.push(ends.has(suffix) ? suffix : (wordSuffixes[suffix] ?? 0));

  return (text) => {
    const found = [...(ends.get(0) ?? [])];
    const seen = new Set([0]);
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      state = advance(state, text.charCodeAt(at));
      for (
        let end = ends.has(state) ? state : (wordSuffixes[state] ?? 0);
        !seen.has(end);
        end = wordSuffixes[end] ?? 0
      ) {
        seen.add(end);
        for (const index of ends.get(end) ?? []) found.push(index);
      }
    }
    return found.sort((a, b) => a - b);
  };
}
