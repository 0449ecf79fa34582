import * as z from 'zod/mini';

/** A version of a bot, as the tenant returns it. */
export interface TenantBotVersion {
  readonly id: string;
  readonly name: string;
  /** Only `ACTIVE` ones can be simulated. */
  readonly status: string;
  readonly deployed: boolean;
}

/** An environment, as the tenant returns it. */
export interface TenantEnvironment {
  readonly id: string;
  readonly name: string;
  /** Under `STRICT` only the allowed bots may run here. */
  readonly isolation_mode: string;
  /** The bots that `STRICT` allows. */
  readonly allowed_bot_ids: readonly string[];
}

/** A submitted simulation. */
export interface TenantSimulation {
  readonly botId: string;
  readonly environmentId: string;
  readonly versionId: string;
  /** The customer's inputs. */
  readonly inputs: readonly {
    readonly text: string;
    /** Pause before the input in ms. */
    readonly delay_ms?: number | undefined;
  }[];
  /** Variables. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** The assertions; the tenant checks only their indices. */
  readonly assertions?:
    | readonly {
        /** Position of the input, from 0. */
        readonly step_index: number;
      }[]
    | undefined;
}

// Written from protocol 7, on purpose without the SDK's own schema: a misreading shared by both would prove nothing.
const name = z.string().check(z.minLength(1));
/** @internal */
export const simulationBody: z.ZodMiniType<TenantSimulation> = z
  .strictObject({
    botId: name,
    environmentId: name,
    versionId: name,
    inputs: z
      .array(z.strictObject({ text: z.string(), delay_ms: z.optional(z.int().check(z.minimum(0))) }))
      .check(z.minLength(1)),
    context: z.optional(z.record(z.string(), z.unknown())),
    assertions: z.optional(
      z.array(
        z.strictObject({
          step_index: z.int().check(z.minimum(0)),
          expected_intent: name,
          expected_confidence_min: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
          expected_entities: z.optional(z.record(z.string(), z.unknown())),
        }),
      ),
    ),
  })
  .check(
    z.refine(({ inputs, assertions = [] }) => assertions.every(({ step_index }) => step_index < inputs.length), {
      path: ['assertions'],
      message: 'step_index must lie within inputs',
    }),
  );
