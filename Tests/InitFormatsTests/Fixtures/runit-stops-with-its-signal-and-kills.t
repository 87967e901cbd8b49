#!/bin/sh
pid=$(cat supervise/pid) && [ -n "$pid" ] || exit 0
: >supervise/asked
kill -s INT "$pid" 2>/dev/null
{
    count=0
    while [ "$count" -lt 7 ] && [ "$(cat supervise/pid)" = "$pid" ]; do
        sleep 1
        count=$((count + 1))
    done
    [ "$(cat supervise/pid)" != "$pid" ] || kill -s KILL -- "-$pid"
} >/dev/null 2>&1 &
exit 0
