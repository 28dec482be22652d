package dev.darkroom.worker.config;

/// A value that is never shown.
///
/// @param value the secret itself
public record Secret(String value) {
    /// What is shown in its place.
    public static final String MASK = "********";

    /// The mask, so that no log line, message or debugger view gives the secret away.
    @Override
    public String toString() {
        return MASK;
    }
}
