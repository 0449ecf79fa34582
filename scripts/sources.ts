// Lets a script import modules of `src` as `#src/…`: `node --import ./scripts/sources.ts …`. Node removes the types by
// itself; this finds the `.ts` that an import of `.js` means.
import { registerHooks } from 'node:module';

const sources = new URL('../src/', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isOurs =
      specifier.startsWith('#src/') || (context.parentURL?.startsWith(sources) && specifier.startsWith('.'));
    if (!isOurs) return next(specifier, context);
    const path = specifier.replace('#src/', sources).replace(/\.js$/, '.ts');
    return next(new URL(path, context.parentURL).href, context);
  },
});
