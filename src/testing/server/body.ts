import type { IncomingMessage } from 'node:http';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { listIssues } from '../../errors/base.js';
import { readBySchema } from '../../http/validation.js';
import { HttpProblem } from './problem.js';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** @internal Reads a body of up to 4 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES) throw new HttpProblem(413, 'body_too_large', 'a body may have 4 MiB');
  return Buffer.concat(chunks);
}

/** @internal Parses the body as JSON and validates it by a schema. */
export async function parseJsonBody(
  bytes: Buffer,
  contentType: string | undefined,
  schema: StandardSchemaV1,
  invalidStatus: 400 | 422,
): Promise<unknown> {
  const [mediaType = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (mediaType !== 'application/json') {
    throw new HttpProblem(415, 'unsupported_media_type', 'the content type must be application/json');
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) {
    throw new HttpProblem(415, 'unsupported_media_type', 'JSON is UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new HttpProblem(400, 'malformed_json', 'the body is not JSON');
  }
  const result = await readBySchema(schema, value);
  if (result.success) return result.data;
  throw new HttpProblem(invalidStatus, 'invalid_body', `the body is invalid: ${listIssues(result.issues)}`, {
    issues: result.issues,
  });
}
