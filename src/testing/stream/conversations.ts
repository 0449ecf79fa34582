import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { ConfigurationError } from '../../errors.js';
import { checkCounts, checkOptions } from '../../options.js';
import { toIssues } from '../../http/validation.js';
import type { Conversation } from './play.js';
import { sampleConversations } from '../fixtures/sample-conversations.js';

/** Options of {@link loadConversations}. */
export interface ConversationSource {
  /**
   * A JSON Lines file of conversations, or a folder with a `conversations.jsonl`.
   *
   * @defaultValue the folder of the environment variable `AGENT_ASSIST_DATA`, else a small sample of this project
   */
  readonly from?: string | undefined;
  /** Limit of conversations. @defaultValue none */
  readonly maxItems?: number | undefined;
}

/** Loaded conversations and their source. */
export interface LoadedConversations {
  /** Path of the file, or `sample`. */
  readonly source: string;
  /** The conversations, in the order of the file. */
  readonly conversations: readonly Conversation[];
}

const conversation: z.ZodMiniType<Conversation> = z.object({
  id: z.string(),
  turns: z.array(
    z.object({ speaker: z.optional(z.enum(['customer', 'agent'], 'expected customer or agent')), text: z.string() }),
  ),
});

/**
 * Loads conversations to play. Each line of the file is a conversation as JSON: `{id, turns: [{speaker?, text}]}`.
 *
 * @throws `ConfigurationError` if an option is invalid, the file is missing, or a line is not a conversation; names file and line.
 */
export async function loadConversations(options: ConversationSource = {}): Promise<LoadedConversations> {
  checkOptions('loadConversations', options, { from: 'a string', maxItems: true });
  const { from, maxItems } = options;
  checkCounts({ maxItems });
  const place = from ?? process.env['AGENT_ASSIST_DATA'];
  if (place === undefined || place === '') {
    return { source: 'sample', conversations: sampleConversations.slice(0, maxItems) };
  }
  const file = await conversationFile(place);
  const conversations: Conversation[] = [];
  // As bytes: in a text, readline also splits at U+2028, which stands in JSON as it is.
  const lines = createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Infinity });
  let line = 0;
  for await (const bytes of lines) {
    if (conversations.length === maxItems) break;
    line += 1;
    if (bytes.trim() !== '') conversations.push(parseLine(Buffer.from(bytes, 'latin1'), `${file}:${line}`));
  }
  return { source: file, conversations };
}

async function conversationFile(place: string): Promise<string> {
  const found = await stat(place).catch(() => undefined);
  const file = found?.isDirectory() === true ? join(place, 'conversations.jsonl') : place;
  if ((await stat(file).catch(() => undefined))?.isFile() !== true)
    throw new ConfigurationError(`${file}: no such file of conversations`);
  return file;
}

function parseLine(bytes: Uint8Array, where: string): Conversation {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ConfigurationError(`${where}: not JSON in UTF-8`);
  }
  const result = conversation.safeParse(value);
  if (result.success) return result.data;
  const issues = toIssues(result.error).map(({ path, message }) => `${path}: ${message}`);
  throw new ConfigurationError(`${where}: ${issues.join('; ')}`);
}
