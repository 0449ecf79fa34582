import { describe, expect, it } from 'vitest';
import { bringDisposable, dropBareImports, restoreClassNames } from '../../scripts/built-code.js';

describe('the names of classes', () => {
  it('are those of the source, wherever a class names itself', () => {
    const code = 'var Tenant = class _Tenant {\n  static of() { return [new _Tenant(), `${_Tenant.name}`]; }\n};\n';
    expect(restoreClassNames(code)).toBe(
      'var Tenant = class  Tenant {\n  static of() { return [new  Tenant(), `${ Tenant.name}`]; }\n};\n',
    );
  });

  it('do not change texts, comments and fields', () => {
    const rest = '// _Tenant\nconst a = "the field _Tenant", b = `_Tenant of ${a}`, c = /_Tenant/, d = a._Tenant;\n';
    expect(restoreClassNames(`var Tenant = class _Tenant {\n};\n${rest}`)).toBe(
      `var Tenant = class  Tenant {\n};\n${rest}`,
    );
  });
});

describe('an import of a chunk of which nothing is used', () => {
  it('leaves an empty line', () => {
    const code = 'import "../chunks/ABC.js";\nimport {\n  a\n} from "../chunks/DEF.js";\nimport "./effects.js";\n';
    expect(dropBareImports(code)).toBe('\nimport {\n  a\n} from "../chunks/DEF.js";\nimport "./effects.js";\n');
  });
});

describe('a declaration', () => {
  it('brings AsyncDisposable along where it names it', () => {
    const reference = '/// <reference lib="esnext.disposable" />\n';
    const method = 'export declare class Stream {\n    [Symbol.asyncDispose](): Promise<void>;\n}\n';
    const base = 'export declare class Stream implements AsyncDisposable {}\n';
    const plain = 'export declare class Stream {}\n';
    expect([method, base, plain].map(bringDisposable)).toEqual([reference + method, reference + base, plain]);
  });
});
