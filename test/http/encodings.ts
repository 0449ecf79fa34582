import { expect } from 'vitest';

const form = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
const lowerHex = (text: string): string => text.replaceAll(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase());
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const html = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => HTML[char] ?? char);
const numericHtml = (text: string): string =>
  text.replaceAll(/[^\w]/gu, (char) => `&#x${char.codePointAt(0)?.toString(16)};`);
const escaped = (text: string): string =>
  text.replaceAll(/[^a-z\d]/gi, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const everyByte = (text: string, encode: (hex: string) => string): string =>
  Array.from(utf8(text), (byte) => encode(byte.toString(16).padStart(2, '0'))).join('');

/** How servers, proxies and frameworks quote what they were sent. */
export const encodings: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  percent: encodeURIComponent,
  'lower-case percent': (secret) => lowerHex(encodeURIComponent(secret)),
  form,
  'lower-case form': (secret) => lowerHex(form(secret)),
  'percent twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  JSON: json,
  'JSON twice': (secret) => json(json(secret)),
  'JSON with slashes escaped': (secret) => json(secret).replaceAll('/', '\\/'),
  'JSON with \\u': escaped,
  'JSON with \\u twice': (secret) => json(escaped(secret)),
  'JSON, then percent': (secret) => encodeURIComponent(json(secret)),
  HTML: html,
  'HTML twice': (secret) => html(html(secret)),
  'HTML, then JSON': (secret) => json(html(secret)).replaceAll('&', '\\u0026'),
  'HTML by numbers': numericHtml,
  'percent of everything': (secret) => everyByte(secret, (hex) => `%${hex.toUpperCase()}`),
  'lower-case percent of everything': (secret) => everyByte(secret, (hex) => `%${hex}`),
  'percent of everything twice': (secret) => everyByte(secret, (hex) => `%25${hex}`),
  'JSON with \\u of everything': (secret) =>
    secret.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'HTML by decimal numbers of everything': (secret) =>
    secret.replaceAll(/[^]/gu, (char) => `&#${char.codePointAt(0)};`),
  'base64 of id:secret': (secret) => utf8(`id:${secret}`).toString('base64'),
  'base64 of form-encoded id:secret': (secret) => utf8(`client:${form(secret)}`).toString('base64'),
  'base64url of JSON around it': (secret) => utf8(`{"s":"${secret}","x":1}`).toString('base64url'),
};

/** No part of a secret that a reader could use: what is left of it is at most a few characters at its ends. */
export function expectGone(text: string, encoded: string): void {
  expect(text).not.toContain(encoded);
  const middle = encoded.slice(Math.floor(encoded.length / 3), Math.ceil((2 * encoded.length) / 3));
  expect(text).not.toContain(middle);
}
