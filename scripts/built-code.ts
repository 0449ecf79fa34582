// What esbuild and TypeScript write is changed here. Lines and columns of code stay, as the source maps need.
import ts from 'typescript';

/** An import of a chunk that nothing is used of. */
const BARE_IMPORT = /^import "\.[^"]*\/chunks\/[^"]+";$/gm;

/**
 * Removes imports of chunks for their effects, which they do not have. Bundlers warn of each, since package.json says
 * the same. The runtime is checked by the chunk of the errors, which whoever needs it imports by name.
 */
export function dropBareImports(code: string): string {
  return code.replace(BARE_IMPORT, '');
}

/**
 * Brings `AsyncDisposable` along in a declaration that names it, for consumers whose `lib` does not have it. In each such
 * file, since any of them may be the only one that a consumer's compiler reads.
 */
export function bringDisposable(declaration: string): string {
  return /\basyncDispos(?:e|able)\b/i.test(declaration)
    ? `/// <reference lib="esnext.disposable" />\n${declaration}`
    : declaration;
}

/**
 * Gives classes their names back: where one names itself, esbuild writes `var Tenant = class _Tenant`, which stack
 * traces and logs would show.
 */
export function restoreClassNames(code: string): string {
  const names = new Set([...code.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name = '']) => `_${name}`));
  if (names.size === 0) return code;
  let restored = code;
  const restore = (node: ts.Node): void => {
    // The name of a field is not that of the class.
    if (ts.isPropertyAccessExpression(node)) {
      restore(node.expression);
      return;
    }
    if (ts.isIdentifier(node) && names.has(node.text)) {
      const end = node.getEnd();
      restored = `${restored.slice(0, end - node.text.length)} ${node.text.slice(1)}${restored.slice(end)}`;
    }
    ts.forEachChild(node, restore);
  };
  restore(ts.createSourceFile('built.js', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS));
  return restored;
}
