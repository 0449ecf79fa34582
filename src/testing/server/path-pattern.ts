import { escapeForRegExp } from '../../regexp.js';

/** Turns `/simulations/{id}` into an expression whose groups are the parameters, each one path segment. */
export function compilePath(path: string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>[^/]+)` : escapeForRegExp(part)))
    .join('');
  return new RegExp(`^${source}$`);
}
