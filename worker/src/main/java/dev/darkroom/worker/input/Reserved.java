package dev.darkroom.worker.input;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Tells addresses that lead anywhere but to the public internet: the worker's own host, its
/// network, the metadata service of its cloud. Source: IANA's IPv4 and IPv6 Special-Purpose Address
/// Registries (RFC 6890) and their multicast spaces.
final class Reserved {
    private static final List<Network> IPV4 =
            List.of(
                    Network.of("0.0.0.0", 8, "an unspecified address"),
                    Network.of("10.0.0.0", 8, "a private address"),
                    Network.of("100.64.0.0", 10, "an address of a carrier's own network"),
                    Network.of("127.0.0.0", 8, "a loopback address"),
                    Network.of("169.254.0.0", 16, "a link-local address"),
                    Network.of("172.16.0.0", 12, "a private address"),
                    Network.of("192.0.0.0", 24, "a reserved address"),
                    Network.of("192.0.2.0", 24, "a documentation address"),
                    Network.of("192.88.99.0", 24, "a reserved address"),
                    Network.of("192.168.0.0", 16, "a private address"),
                    Network.of("198.18.0.0", 15, "a benchmarking address"),
                    Network.of("198.51.100.0", 24, "a documentation address"),
                    Network.of("203.0.113.0", 24, "a documentation address"),
                    Network.of("224.0.0.0", 4, "a multicast address"),
                    Network.of("240.0.0.0", 4, "a reserved address"));

    /// What IANA has given out to be reached globally; everything else is refused.
    private static final Network GLOBAL = Network.of("2000::", 3, "");

    private static final List<Network> IPV6 =
            List.of(
                    Network.of("2001::", 23, "a reserved address"),
                    Network.of("2001:db8::", 32, "a documentation address"),
                    Network.of("2002::", 16, "an address that holds another"),
                    Network.of("3fff::", 20, "a documentation address"));

    private static final List<Network> NAMED =
            List.of(
                    Network.of("::", 128, "an unspecified address"),
                    Network.of("::1", 128, "a loopback address"),
                    Network.of("fc00::", 7, "a unique local address"),
                    Network.of("fe80::", 10, "a link-local address"),
                    Network.of("ff00::", 8, "a multicast address"));

    /// Translators of IPv6-only networks: the last four bytes are an IPv4 address (RFC 6052).
    private static final Network TRANSLATED = Network.of("64:ff9b::", 96, "");

    private Reserved() {}

    /// What kind of address this is, or nothing for a public one.
    static Optional<String> kind(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return first(IPV4, bytes);
        }
        if (TRANSLATED.contains(bytes)) {
            return first(IPV4, Arrays.copyOfRange(bytes, 12, 16));
        }
        if (GLOBAL.contains(bytes)) {
            return first(IPV6, bytes);
        }
        return first(NAMED, bytes).or(() -> Optional.of("a reserved address"));
    }

    private static Optional<String> first(List<Network> networks, byte[] address) {
        return networks.stream()
                .filter(network -> network.contains(address))
                .map(network -> network.kind)
                .findFirst();
    }

    /// Addresses that share their first bits.
    private static final class Network {
        private final byte[] start;
        private final int bits;
        private final String kind;

        private Network(byte[] start, int bits, String kind) {
            this.start = start;
            this.bits = bits;
            this.kind = kind;
        }

        static Network of(String literal, int bits, String kind) {
            try {
                return new Network(InetAddress.ofLiteral(literal).getAddress(), bits, kind);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException(literal + " is no address", e);
            }
        }

        boolean contains(byte[] address) {
            if (address.length != start.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (start[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
