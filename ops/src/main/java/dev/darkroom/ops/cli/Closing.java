package dev.darkroom.ops.cli;

import java.util.ArrayDeque;
import java.util.Deque;

/// Things that are closed in reverse order: at the end of a command, or when the process is told to
/// end before, by Ctrl-C for example. Whichever comes first closes; the other waits for it.
///
/// Safe for any thread.
final class Closing implements AutoCloseable {
    // Guarded by this.
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean closed;

    private final Runnable farewell;
    private volatile boolean interrupted;

    private Closing(Runnable farewell) {
        this.farewell = farewell;
    }

    /// Nothing to close yet.
    ///
    /// @param farewell what is done first when the process is told to end before the command did
    static Closing atExit(Runnable farewell) {
        Closing closing = new Closing(farewell);
        Runtime.getRuntime().addShutdownHook(new Thread(closing::interrupt, "closing"));
        return closing;
    }

    /// Closes this too, before everything that was added earlier; at once when all is closed
    /// already.
    synchronized <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        if (closed) {
            close();
        }
        return resource;
    }

    /// Whether the process was told to end before the command did.
    boolean interrupted() {
        return interrupted;
    }

    @Override
    public synchronized void close() {
        closed = true;
        IllegalStateException failure = null;
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                IllegalStateException here =
                        new IllegalStateException(next + " could not be closed", e);
                if (failure == null) {
                    failure = here;
                } else {
                    failure.addSuppressed(here);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void interrupt() {
        if (!closed()) {
            interrupted = true;
            farewell.run();
            close();
        }
    }

    private synchronized boolean closed() {
        return closed;
    }
}
