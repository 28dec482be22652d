package dev.darkroom.worker.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The telemetry that ONNX Runtime 1.29 and newer send to its makers from Linux and macOS unless an
/// environment variable forbids it.
///
/// It is forbidden for two reasons: what a worker does is nobody else's business, and the telemetry
/// matches the process's command line against a regular expression by recursion, so that one of a
/// few thousand characters, a long prompt or class path, overflows the stack and ends the process
/// without a word.
final class NativeTelemetry {
    private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";

    private NativeTelemetry() {}

    /// Forbids it for this process, in the native environment that `System.getenv` does not show.
    /// Has an effect only before the library's environment is created.
    ///
    /// Does nothing where the C library has no `setenv`: on Windows, whose telemetry another switch
    /// controls.
    // Native access is what the process is started with: ONNX Runtime needs it too.
    @SuppressWarnings("restricted")
    static void forbid() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
        setenv.ifPresent(function ->
                set(
                        linker.downcallHandle(
                                function,
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.ADDRESS,
                                        ValueLayout.ADDRESS,
                                        ValueLayout.JAVA_INT))));
    }

    private static void set(MethodHandle setenv) {
        int status;
        try (Arena arena = Arena.ofConfined()) {
            int overwrite = 1;
            status =
                    (int)
                            setenv.invokeExact(
                                    arena.allocateFrom(VARIABLE),
                                    arena.allocateFrom("1"),
                                    overwrite);
        } catch (Throwable e) {
            throw new IllegalStateException(VARIABLE + " cannot be set", e);
        }
        if (status != 0) {
            throw new IllegalStateException(VARIABLE + " cannot be set: setenv says " + status);
        }
    }
}
