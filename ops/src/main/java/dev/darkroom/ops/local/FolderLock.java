package dev.darkroom.ops.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The right of one service to a data folder, held against this process and all others until it is
/// closed or the process ends.
///
/// Kafka has a lock of its own, but takes it only after it has written to the metadata log: a
/// second broker that is refused by that lock has already spoilt the first one's data.
final class FolderLock implements AutoCloseable {
    private static final String NAME = ".darkroom.lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Takes the folder.
    ///
    /// @throws LocalServiceException when somebody else has it
    static FolderLock take(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new LocalServiceException(
                    "The folder "
                            + folder
                            + " is in use by another broker. Stop that one, or choose another"
                            + " folder.",
                    null);
        }
        return new FolderLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
