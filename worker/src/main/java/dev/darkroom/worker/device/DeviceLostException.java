package dev.darkroom.worker.device;

/// The device failed in a way that only a new process can mend.
public final class DeviceLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With the runtime's own words.
    public DeviceLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
