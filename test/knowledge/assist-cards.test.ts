import fc from 'fast-check';
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { toAssistCards } from 'agent-assist-sdk/knowledge';

const snippet = (body: string, snippetLength = 150): string | undefined =>
  toAssistCards([{ id: 'kb-1', title: 'Title', body }], { interactionId: 'i-1', snippetLength })[0]?.snippet;
const text = (html: string): string | undefined => snippet(html, 1_000_000);

describe('a card', () => {
  it('has the fields of the protocol and no other', () => {
    const articles = [
      {
        id: 'kb-1',
        title: 'First',
        score: 7.5,
        url: 'https://help.example.com/1',
        body: '<p>Text</p>',
        language: 'en-US',
      },
      { id: 'kb-2', title: 'Second' },
      { id: 'kb-3', title: 'Third', score: null, url: null, body: null },
    ];
    expect(toAssistCards(articles, { interactionId: 'i-1' })).toStrictEqual([
      {
        id: 'kb-1',
        title: 'First',
        priority: 1,
        score: 7.5,
        citation: 'https://help.example.com/1',
        snippet: 'Text',
        interactionId: 'i-1',
      },
      { id: 'kb-2', title: 'Second', priority: 2, score: 0, citation: '', snippet: '', interactionId: 'i-1' },
      { id: 'kb-3', title: 'Third', priority: 3, score: 0, citation: '', snippet: '', interactionId: 'i-1' },
    ]);
  });

  it('is made for each article and for none', () => {
    expect(toAssistCards([], { interactionId: 'i-1' })).toEqual([]);
  });

  it.each([0, -1, 1.5, NaN])('refuses a snippet of %s characters', (snippetLength) => {
    expect(() => toAssistCards([], { interactionId: 'i-1', snippetLength })).toThrow(ConfigurationError);
  });
});

describe('a snippet', () => {
  it('has 150 characters unless told otherwise', () => {
    expect(toAssistCards([{ id: 'a', title: 'b', body: 'x'.repeat(200) }], { interactionId: 'i' })[0]?.snippet).toBe(
      'x'.repeat(150),
    );
    expect(snippet('x'.repeat(200), 7)).toBe('x'.repeat(7));
  });

  it.each([
    ['a family of four', '👨‍👩‍👧‍👦'],
    ['a flag', '🇨🇭'],
    ['a thumb with a skin tone', '👍🏽'],
    ['a keycap', '1️⃣'],
    ['a letter with combining marks', 'e\u0301\u0323'],
    ['a Hangul syllable in jamo', '\u1112\u1161\u11ab'],
    ['a surrogate pair', '𝄞'],
  ])('never cuts %s', (_, character) => {
    expect(snippet(`ab${character}cd`, 3)).toBe(`ab${character}`);
    expect(snippet(`ab${character}cd`, 2)).toBe('ab');
    expect(snippet(character.repeat(200), 150)).toBe(character.repeat(150));
  });

  it('does not end in the space where it was cut', () => {
    expect(snippet('one two', 4)).toBe('one');
  });

  it('of any text is its first characters, all of them whole', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 1, max: 60 }), (body, length) => {
        const whole = text(body) ?? '';
        const characters = Array.from(segmenter.segment(whole), ({ segment }) => segment);
        expect(snippet(body, length)).toBe(
          characters.length <= length ? whole : characters.slice(0, length).join('').trimEnd(),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('HTML becomes text', () => {
  it.each([
    ['Plain text stays: 3 < 5 & 7 > 6', 'Plain text stays: 3 < 5 & 7 > 6'],
    ['<p>One</p><p>Two</p>', 'One Two'],
    ['a<br>b<br/>c', 'a b c'],
    ['<ul><li>one</li><li>two</li></ul>', 'one two'],
    ['un<b>believ</b>able, <a href="/x">really</a>', 'unbelievable, really'],
    ['<p>before<!-- <p>not\nthis</p> -->after</p>', 'beforeafter'],
    ['a<script>if (1 < 2) { "</p>" }</script>b<style>p > a { }</style>c', 'a b c'],
    ['<SCRIPT>x</script >kept', 'kept'],
    ['a</style>b</script>c', 'a b c'],
    ['<script>never closed', ''],
    ['<script><!--<script></script>--></script>vis', 'vis'],
    ['<script><!--<script></script></script>vis', 'vis'],
    ['<script><!--<script>--></script>vis', 'vis'],
    ['<script>a<script></script>vis', 'vis'],
    ['<script><!-- a --><script></script>vis', 'vis'],
    ['<script><!--<script></script><script></script>--></script>vis<script>1</script>2', 'vis 2'],
    ['<title>not\nthis</title>this', 'this'],
    ['<p hidden>collapsed</p><p style="display:none">too</p>', 'collapsed too'],
    ['kept <!-- never closed', 'kept'],
    ['kept <a href="never closed', 'kept'],
    ['<a title="a > b" href=\'>\'>link</a>', 'link'],
    ['<!DOCTYPE html><?xml ?>text</ >', 'text'],
    ["one <img alt=Bob's src=x> two", 'one two'],
    ['one <p "> two <a title=\'">three</a> four\'>five', 'one two five'],
    ['a <b class="x" ">b</b> c', 'a b c'],
    ['&copy 2026 AT&ampT &eacute;', '© 2026 AT&T é'],
    ['&#128; &NotEqualTilde;', '€ ≂̸'],
    ['a<template><p>b</p><template>c</template>d</template>e<noscript><p>f</p></noscript>g', 'a e g'],
    ['a<iframe src=x><p>b</p></iframe>c<textarea><b>d</textarea>', 'a c <b>d'],
    ['a<video src=x controls><p>Your browser does not support <b>videos</b>.</p></video>b', 'a b'],
    ['a<AUDIO>none</AUDIO>b<canvas>none</canvas>c<datalist><option>no</datalist>d', 'a b c d'],
    ['a<video><source src=x><audio>no</audio>still</video>b<video/>c', 'a b c'],
    ['a<video src=1><video src=2>b<video>c</video>d', 'a d'],
    ['<audio>a</audio>b<video src=never-closed>c', 'b c'],
    ['<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>', 'a b c'],
    ['<p>a<p>b<li>c', 'a b c'],
    ['a<![CDATA[b]]>c', 'ac'],
    ['<script>a = "<!-- <script>";</script>b', 'b'],
    ['kept <b', 'kept'],
    ['a\u202eb\u{e0041}c&shy;d&#8203;e\ufe0f', 'abcde'],
    ['می&zwnj;خواهم 👩‍👩‍👧 ❤️', 'می\u200cخواهم 👩‍👩‍👧 ❤️'],
    ['&lt;b&gt; &amp;amp; &quot;&apos;&#39;&#x27;', "<b> &amp; \"'''"],
    ['Gr&uuml;&szlig;e, &Eacute;lan &ndash; 5&nbsp;&euro;', 'Grüße, Élan – 5 €'],
    ['&#128512; &#x1F600;', '😀 😀'],
    ['&unknown; &;  &# &#x; a&b', '&unknown; &; &# &#x; a&b'],
    ['&#0;&#xD800;&#xDFFF;&#x110000;', '\ufffd\ufffd\ufffd\ufffd'],
    ['&#x10FFFF;&#xD7FF;&#xE000;', '\u{10ffff}\ud7ff\ue000'],
    ['  \t<div>\n  spaced   out\n</div>  ', 'spaced out'],
    ['', ''],
  ])('%j', (html, expected) => {
    expect(text(html)).toBe(expected);
  });

  it('in time linear in its length, whatever it is', () => {
    // Half a million characters that invite backtracking; quadratic work would take minutes.
    for (const piece of [
      '<a',
      '<a "',
      '<',
      '&',
      '<!--',
      '<script>',
      '</script',
      '<video>',
      '</video',
      '<video></video',
      '<a b="',
      '&#',
      '< a',
      '<p>',
      '\' "<b>',
    ]) {
      expect(text(piece.repeat(Math.ceil(500_000 / piece.length)))).toBeTypeOf('string');
    }
  });

  it('as parse5, which follows the standard, reads it', () => {
    const words = fc.stringMatching(/^[a-z ,.;äé😀]{0,12}$/u);
    const entity = fc.constantFrom(
      '&amp;',
      '&lt;',
      '&gt;',
      '&quot;',
      '&nbsp;',
      '&eacute;',
      '&Uuml;',
      '&hellip;',
      '&#8217;',
      '&#x1F600;',
      '&mdash;',
      '&yen;',
      '&copy ',
      '&amp',
      '&#x41',
      '&#128;',
      '&notit;',
      '&bogus;',
    );
    const attributes = fc.constantFrom(
      '',
      ' class="x"',
      " title='a > b'",
      ' data-a="<p>"',
      ' hidden',
      " alt=Bob's src=x",
      ' "',
      ' a=b"c',
      ' = x',
      ' style="a:b;content:\'>\'"',
    );
    const { html } = fc.letrec<{ html: string }>((tie) => ({
      html: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.array(fc.oneof(words, entity), { maxLength: 4 }).map((parts) => parts.join('')),
        fc.array(tie('html'), { maxLength: 4 }).map((parts) => parts.join('')),
        fc
          .tuple(
            fc.constantFrom('div', 'section', 'ul', 'blockquote', 'b', 'i', 'em', 'strong', 'span', 'code', 'DIV'),
            attributes,
            tie('html'),
          )
          .map(([name, attribute, inner]) => `<${name}${attribute}>${inner}</${name}>`),
        fc.constantFrom(
          '<br>',
          '<hr/>',
          '<!-- a > comment -->',
          '<script>var a = "<p>" < 3;</script>',
          '<style>a > b {}</style>',
          '<template><p>x</p></template>',
          '<noscript><p>x</p></noscript>',
          '<iframe><p>x</iframe>',
          '<video src=x><p>x</p></video>',
          "<img alt=Bob's src=x>",
        ),
      ),
    }));
    fc.assert(
      fc.property(html, (given) => {
        expect(text(given)).toBe(textByParse5(given));
      }),
      { numRuns: 1000 },
    );
  });
});

const unreadElements = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'video']);
const inlineElements = new Set(['b', 'i', 'em', 'strong', 'span', 'code']);

function textByParse5(html: string): string {
  const read = (node: DefaultTreeAdapterTypes.Node): string => {
    if ('value' in node) return node.value;
    if (!('childNodes' in node)) return '';
    if (unreadElements.has(node.nodeName)) return ' ';
    const inner = node.childNodes.map(read).join('');
    return inlineElements.has(node.nodeName) ? inner : ` ${inner} `;
  };
  return read(parseFragment(html)).replace(/\s+/g, ' ').trim();
}
