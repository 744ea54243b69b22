#!/usr/bin/env bash
# own-network.sh COMMAND...: runs a command in a network namespace that is new, as `scripts/test.sh` does for browsers: with
# loopback, and an interface with a default route, which ends nowhere.
set -euo pipefail

# In a user namespace, where namespaces can be made once their folder is one's own.
if [ "$(< /proc/self/uid_map awk '{ print $2 }')" != 0 ]; then mount -t tmpfs tmpfs /run; fi

ip link set lo up
ip link add eth0 type veth peer name nowhere
for device in eth0 nowhere; do
  # An IPv6 address that came a second later would be a change of network to a browser.
  ip link set "$device" addrgenmode none
  ip link set "$device" up
done
ip address add 192.0.2.1/24 dev eth0
ip route add default via 192.0.2.2
exec "$@"
