package dev.darkroom.protocol.codec;

/// A job written in a newer version of the format than this library knows. Not a failure of the
/// job: a worker of that version can run it, so it is handed on.
public final class NewerSpecVersionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long specVersion;

    /// A job of this version.
    ///
    /// @param newest the newest version that is known here
    public NewerSpecVersionException(long specVersion, int newest) {
        super("specVersion is " + specVersion + "; known here: up to " + newest);
        this.specVersion = specVersion;
    }

    /// The job's version.
    public long specVersion() {
        return specVersion;
    }
}
