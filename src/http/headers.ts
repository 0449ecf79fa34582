import { ConfigurationError } from '../errors.js';

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
// RFC 9110 §5.5: visible characters, space and tab; `fetch` refuses more and would quote the value in its error.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** How a message is framed is up to the transport: undici sends no request with these, other runtimes drop them. */
const OF_THE_TRANSPORT: ReadonlySet<string> = new Set(['expect', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Checks headers and puts their names in lower case.
 *
 * @throws {@link ConfigurationError} that names the header and never its value.
 */
export function checkedHeaders(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!NAME.test(name)) throw new ConfigurationError('headers: a name has characters that are not allowed');
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw new ConfigurationError(`headers.${name}: the value has characters that are not allowed in a header`);
    }
    if (OF_THE_TRANSPORT.has(name.toLowerCase()))
      throw new ConfigurationError(`headers.${name}: the transport alone may set this header`);
    checked[name.toLowerCase()] = value;
  }
  return checked;
}
