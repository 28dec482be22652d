package dev.darkroom.worker.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/// ONNX Runtime's environment, one in a process, open for as long as the process lives.
///
/// The library's Java binding releases it in a shutdown hook, that is, at the moment when a worker
/// that is told to end begins to let its jobs end: their next run would fail or crash the process
/// (microsoft/onnxruntime#31352). The native environment counts its references and ends with the
/// last, so one more is taken, which nobody gives back.
final class NativeEnvironment {
    // The runtime would write to the standard error stream by itself what it also throws.
    private static final OrtLoggingLevel LEVEL = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
    private static final String NAME = "darkroom";

    private NativeEnvironment() {}

    /// Opens the environment, or gives what is open already.
    ///
    /// @throws IllegalStateException when the Java binding is not the one that this is written for
    static OrtEnvironment open() {
        OrtEnvironment environment = OrtEnvironment.getEnvironment(LEVEL, NAME);
        addReference();
        return environment;
    }

    /// Creates the environment again, which counts a reference, by the binding's own native method:
    /// everything public adds a hook that gives the reference back.
    private static void addReference() {
        try {
            Field library =
                    Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
            library.setAccessible(true);
            Method create =
                    OrtEnvironment.class.getDeclaredMethod(
                            "createHandle", long.class, int.class, String.class);
            create.setAccessible(true);
            create.invoke(null, library.getLong(null), LEVEL.getValue(), NAME);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this version of ONNX Runtime cannot be kept open while a worker drains", e);
        }
    }
}
