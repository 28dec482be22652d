package dev.darkroom.protocol.json;

/// What becomes of fields that a table does not know.
public enum UnknownFields {
    /// They are violations: what a submitter wrote and nobody read would be a silent surprise.
    REFUSED,
    /// They are passed over: what a newer fleet adds must not blind an older subscriber.
    IGNORED
}
