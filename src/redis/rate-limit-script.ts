/**
 * A sliding window over the attempts of all processes, with a queue. It runs in Redis as one step, on the time of
 * Redis. If that is set back, times in the future become the current one.
 *
 * - `ended`: attempts by their end. An attempt counts until `window` ms after its end.
 * - `open`: attempts in progress by their start. An attempt longer than `attempt` ms, e.g. after a crash, counts as
 *   ended.
 * - `waiting`: the first call of each process's queue, by the time of the call. The oldest has its turn first.
 * - `seen`: time of the last poll of a waiting call. A call without a poll for `patience` ms loses its place.
 * - `held`: for how many ms the platform accepts no attempt; expires after them.
 *
 * ARGV: operation, id, limit, window, attempt, patience, ms since the call, ms to hold, then the attempts that Redis
 * may not know: `open` or `ended`, id, ms since. A repeated `take` counts once: clients send a command again whose
 * answer was lost with the connection.
 */
export const RATE_LIMIT_SCRIPT = `
local ended, open, waiting, seen, held = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local operation, id = ARGV[1], ARGV[2]
local limit, window, attempt, patience = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local waited, hold = tonumber(ARGV[7]), tonumber(ARGV[8])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for i = 9, #ARGV, 3 do
  redis.call('ZREM', open, ARGV[i + 1])
  redis.call('ZADD', ARGV[i] == 'open' and open or ended, now - tonumber(ARGV[i + 2]), ARGV[i + 1])
end
for _, times in ipairs({ ended, open, waiting, seen }) do
  for _, ahead in ipairs(redis.call('ZRANGEBYSCORE', times, '(' .. now, '+inf')) do
    redis.call('ZADD', times, now, ahead)
  end
end
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', open, '-inf', now - attempt)) do
  redis.call('ZADD', ended, tonumber(redis.call('ZSCORE', open, lost)) + attempt, lost)
  redis.call('ZREM', open, lost)
end
redis.call('ZREMRANGEBYSCORE', ended, '-inf', '(' .. (now - window))
local wait, isHeld = -1, 0
local heldFor, longest = redis.call('PTTL', held) - 1, tonumber(redis.call('GET', held) or '0')
if heldFor > longest or hold > math.max(heldFor, 0) then
  heldFor = math.max(hold, math.min(heldFor, longest))
  redis.call('SET', held, heldFor, 'PX', heldFor + 1)
end
local heldUntil = now + heldFor
if operation == 'leave' then
  redis.call('ZREM', open, id)
  redis.call('ZREM', waiting, id)
  redis.call('ZREM', seen, id)
elseif operation == 'take' then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - patience)) do
    redis.call('ZREM', waiting, gone)
    redis.call('ZREM', seen, gone)
  end
  redis.call('ZREM', open, id)
  redis.call('ZADD', waiting, 'NX', now - waited, id)
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
