package dev.darkroom.worker.onnx;

/// The device that the configuration demands cannot be used here.
public final class DeviceUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With the remedy, and the runtime's own words.
    public DeviceUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
