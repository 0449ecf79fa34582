import type { BotEnvironment, BotVersion } from './types.js';

/** What a simulation is to run against. */
export interface SimulationTarget {
  /** The bot. */
  readonly botId: string;
  /** The environment that it runs in. */
  readonly environmentId: string;
  /** The bot's version. */
  readonly versionId: string;
}

/** Why a target cannot be simulated (protocol 7); `message` says it in a sentence. */
export type TargetRefusal =
  | {
      /** There is no such bot, or the client may not see it. */
      readonly reason: 'bot-missing';
      /** The reason in a sentence. */
      readonly message: string;
      /** The bot. */
      readonly botId: string;
    }
  | {
      /** The bot has no such version. */
      readonly reason: 'version-missing';
      /** The reason in a sentence. */
      readonly message: string;
      /** The version. */
      readonly versionId: string;
    }
  | {
      /** The version is not `ACTIVE`. */
      readonly reason: 'version-inactive';
      /** The reason in a sentence. */
      readonly message: string;
      /** The version. */
      readonly versionId: string;
      /** Its status. */
      readonly status: string;
    }
  | {
      /** There is no such environment, or the client may not see it. */
      readonly reason: 'environment-missing';
      /** The reason in a sentence. */
      readonly message: string;
      /** The environment. */
      readonly environmentId: string;
    }
  | {
      /** The environment is `STRICT` and does not list the bot. */
      readonly reason: 'bot-not-allowed';
      /** The reason in a sentence. */
      readonly message: string;
      /** The bot. */
      readonly botId: string;
      /** The environment. */
      readonly environmentId: string;
    };

/** Whether a target can be simulated, and everything that speaks against it. */
export interface TargetCheck {
  /** True when nothing speaks against it. */
  readonly ok: boolean;
  /** Everything that speaks against it. */
  readonly refusals: readonly TargetRefusal[];
  /** The version, where it exists. */
  readonly version: BotVersion | undefined;
  /** The environment, where it exists. */
  readonly environment: BotEnvironment | undefined;
}

/**
 * Judges a target by what the server said of it (protocol 7): the version must exist with status `ACTIVE`, and in a
 * `STRICT` environment the bot must be among the allowed ones.
 *
 * @param versions - the bot's versions; `undefined` when there is no such bot.
 * @param environment - `undefined` when there is no such environment.
 */
export function judgeTarget(
  target: SimulationTarget,
  versions: readonly BotVersion[] | undefined,
  environment: BotEnvironment | undefined,
): TargetCheck {
  const { botId, environmentId, versionId } = target;
  const named = versions?.filter(({ id }) => id === versionId) ?? [];
  const version = named.find(({ status }) => status === 'ACTIVE') ?? named[0];
  const refusals: TargetRefusal[] = [];
  if (versions === undefined) {
    refusals.push({ reason: 'bot-missing', botId, message: `there is no bot ${botId}` });
  } else if (version === undefined) {
    refusals.push({ reason: 'version-missing', versionId, message: `bot ${botId} has no version ${versionId}` });
  } else if (version.status !== 'ACTIVE') {
    const { status } = version;
    refusals.push({
      reason: 'version-inactive',
      versionId,
      status,
      message: `version ${versionId} is ${status}, not ACTIVE`,
    });
  }
  if (environment === undefined) {
    refusals.push({
      reason: 'environment-missing',
      environmentId,
      message: `there is no environment ${environmentId}`,
    });
  } else if (environment.isolationMode === 'STRICT' && !environment.allowedBotIds.includes(botId)) {
    const message = `environment ${environmentId} is STRICT and does not allow bot ${botId}`;
    refusals.push({ reason: 'bot-not-allowed', botId, environmentId, message });
  }
  return { ok: refusals.length === 0, refusals, version, environment };
}
