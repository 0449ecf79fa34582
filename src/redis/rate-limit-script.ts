/**
 * A sliding window over the attempts of all processes, with a queue. It runs in Redis as one step, on the time of
 * Redis.
 *
 * - `ended`: attempts by their end. An attempt counts until `window` ms after its end.
 * - `open`: attempts in progress by their start. An attempt longer than `attempt` ms, e.g. after a crash, counts as
 *   ended.
 * - `waiting`: the first call of each process's queue, by the time of the call. The oldest has its turn first.
 * - `seen`: time of the last poll of a waiting call. A call without a poll for `patience` ms loses its place.
 * - `held`: until when the platform accepts no attempt.
 *
 * ARGV: operation, id, limit, window, attempt, patience, the operation's number, then pairs of ended attempts: id and
 * ms since.
 */
export const RATE_LIMIT_SCRIPT = `
local ended, open, waiting, seen, held = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local operation, id = ARGV[1], ARGV[2]
local limit, window, attempt, patience, number = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for i = 8, #ARGV, 2 do
  redis.call('ZREM', open, ARGV[i])
  redis.call('ZADD', ended, now - tonumber(ARGV[i + 1]), ARGV[i])
end
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', open, '-inf', now - attempt)) do
  redis.call('ZADD', ended, tonumber(redis.call('ZSCORE', open, lost)) + attempt, lost)
  redis.call('ZREM', open, lost)
end
redis.call('ZREMRANGEBYSCORE', ended, '-inf', '(' .. (now - window))
local wait, isHeld = -1, 0
local heldUntil = tonumber(redis.call('GET', held) or '0')
if operation == 'hold' and now + number > heldUntil then
  redis.call('SET', held, now + number, 'PX', number + 1)
elseif operation == 'leave' then
  redis.call('ZREM', open, id)
  redis.call('ZREM', waiting, id)
  redis.call('ZREM', seen, id)
elseif operation == 'take' then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - patience)) do
    redis.call('ZREM', waiting, gone)
    redis.call('ZREM', seen, gone)
  end
  redis.call('ZADD', waiting, 'NX', now - number, id)
  redis.call('ZADD', seen, now, id)
  local index = redis.call('ZRANK', waiting, id) - limit + redis.call('ZCARD', ended) + redis.call('ZCARD', open)
  if index < 0 and heldUntil < now then
    redis.call('ZREM', waiting, id)
    redis.call('ZREM', seen, id)
    redis.call('ZADD', open, now, id)
  else
    local windowEnd = 0
    if index >= 0 then
      local position, rounds = index, 1
      if index >= redis.call('ZCARD', ended) then
        position, rounds = index % limit, 1 + math.floor(index / limit)
      end
      local oldest = redis.call('ZRANGE', ended, position, position, 'WITHSCORES')[2]
      windowEnd = (tonumber(oldest) or now) + window * rounds
    end
    wait = math.max(windowEnd, heldUntil) - now
    if heldUntil > windowEnd then isHeld = 1 end
  end
end
redis.call('PEXPIRE', ended, window + attempt)
redis.call('PEXPIRE', open, window + attempt)
redis.call('PEXPIRE', waiting, patience)
redis.call('PEXPIRE', seen, patience)
return { wait, isHeld }
`;
