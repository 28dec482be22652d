package dev.darkroom.worker.device;

/// The device had too little memory for a run; the same rows in smaller runs may do.
public final class DeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With the runtime's own words.
    public DeviceMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
