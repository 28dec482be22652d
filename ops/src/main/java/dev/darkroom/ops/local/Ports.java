package dev.darkroom.ops.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/// Free loopback ports, found by asking the operating system.
final class Ports {
    /// The only address that the embedded services listen on.
    static final String LOOPBACK = "127.0.0.1";

    private Ports() {}

    /// Two different ports that were free a moment ago. Somebody else may take one before it is
    /// used: whoever binds it must be ready to ask again.
    static Pair two() throws IOException {
        InetAddress loopback = InetAddress.ofLiteral(LOOPBACK);
        try (ServerSocket first = new ServerSocket(0, 1, loopback);
                ServerSocket second = new ServerSocket(0, 1, loopback)) {
            return new Pair(first.getLocalPort(), second.getLocalPort());
        }
    }

    /// Two ports.
    ///
    /// @param first one
    /// @param second the other
    record Pair(int first, int second) {}
}
