package dev.darkroom.worker.input;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Hosts on a list: one, or all below a domain.
///
/// @param domain in lower case
/// @param below whether the hosts below the domain are meant, or the domain itself
/// @param port the one port that is meant
public record HostPattern(String domain, Below below, int port) {
    private static final Pattern WRITTEN =
            Pattern.compile(
                    "(\\*\\.)?([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:]+])(?::(\\d{1,5}))?");
    private static final int HTTPS = 443;

    /// Which hosts are meant.
    public enum Below {
        /// The domain itself.
        ITSELF,
        /// Every host below it, and not the domain itself.
        BELOW
    }

    /// Parses `host`, `host:port` or `*.domain`; without a port, 443 is meant.
    ///
    /// @throws IllegalArgumentException saying what is legal
    public static HostPattern of(String written) {
        Matcher matcher = WRITTEN.matcher(written.toLowerCase(Locale.ROOT));
        int port = HTTPS;
        boolean legal = matcher.matches();
        if (legal && matcher.group(4) != null) {
            port = Integer.parseInt(matcher.group(4));
            legal = port >= 1 && port <= 65_535;
        }
        if (!legal) {
            throw new IllegalArgumentException(
                    "legal: hosts without a scheme, each as host, host:port or *.domain");
        }
        return new HostPattern(
                matcher.group(2).replaceAll("^\\[|]$", ""),
                matcher.group(1) == null ? Below.ITSELF : Below.BELOW,
                port);
    }

    /// Whether this host and port are meant.
    boolean matches(String host, int otherPort) {
        return otherPort == port
                && switch (below) {
                    case ITSELF -> host.equals(domain);
                    case BELOW ->
                            host.endsWith("." + domain) && host.length() > domain.length() + 1;
                };
    }

    /// As it may be written.
    @Override
    public String toString() {
        String host = domain.contains(":") ? "[" + domain + "]" : domain;
        return (below == Below.BELOW ? "*." : "") + host + (port == HTTPS ? "" : ":" + port);
    }
}
