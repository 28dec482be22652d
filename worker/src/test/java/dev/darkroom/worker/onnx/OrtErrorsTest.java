package dev.darkroom.worker.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import dev.darkroom.worker.device.DeviceLostException;
import dev.darkroom.worker.device.DeviceMemoryException;
import dev.darkroom.worker.device.RunTerminatedException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Messages as the runtime words them.
final class OrtErrorsTest {
    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(
                        "Exiting due to terminate flag being set to true.",
                        RunTerminatedException.class),
                Arguments.of(
                        "bfc_arena.cc:359 void* onnxruntime::BFCArena::AllocateRawInternal(size_t,"
                                + " bool, Stream*) Failed to allocate memory for requested buffer of"
                                + " size 4831838208",
                        DeviceMemoryException.class),
                Arguments.of(
                        "CUDA failure 2: out of memory ; GPU=0 ; hostname=h ;"
                                + " file=cuda_allocator.cc ; line=48 ; expr=cudaMalloc((void**)&p,"
                                + " size);",
                        DeviceMemoryException.class),
                Arguments.of("std::bad_alloc", DeviceMemoryException.class),
                Arguments.of(
                        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
                        DeviceMemoryException.class),
                Arguments.of(
                        "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ;"
                                + " hostname=h ; file=cuda_stream_handle.cc ; line=81",
                        DeviceLostException.class),
                Arguments.of(
                        "CUDA failure 719: unspecified launch failure ; GPU=0",
                        DeviceLostException.class),
                Arguments.of(
                        "CUDA failure 710: device-side assert triggered ; GPU=0",
                        DeviceLostException.class),
                Arguments.of(
                        "CUDA error cudaErrorIllegalAddress:an illegal memory access was"
                                + " encountered",
                        DeviceLostException.class),
                Arguments.of(
                        "Got invalid dimensions for input: sample for the following indices",
                        IllegalStateException.class),
                Arguments.of(
                        "Non-zero status code returned while running Add node. Name:'/add'",
                        IllegalStateException.class));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void tellsWhatTheRuntimesWordsMean(String message, Class<? extends Exception> meaning) {
        OrtException error = new OrtException(OrtErrorCode.ORT_FAIL, message);
        assertThat(OrtErrors.translate("sd/unet", error))
                .isExactlyInstanceOf(meaning)
                .hasMessageStartingWith("sd/unet: ")
                .hasMessageContaining(message)
                .hasCause(error);
    }

    @Test
    void saysInOneLineWithoutCodesWhyCudaCannotBeUsed() {
        assertThat(
                        OrtErrors.withoutCuda(
                                new OrtException(
                                        OrtErrorCode.ORT_EP_FAIL,
                                        "Failed to find CUDA shared provider")))
                .isEqualTo("this distribution is built without it");
        assertThat(
                        OrtErrors.withoutCuda(
                                new OrtException(
                                        OrtErrorCode.ORT_FAIL,
                                        "CUDA driver version is insufficient\n at cuda_call.cc")))
                .isEqualTo("CUDA driver version is insufficient");
        assertThat(
                        OrtErrors.withoutCuda(
                                new OrtException(
                                        OrtErrorCode.ORT_FAIL,
                                        "/src/provider_bridge_ort.cc:1988 Provider& Get()"
                                                + " [ONNXRuntimeError] : 1 : FAIL : Failed to load"
                                                + " library /tmp/x/libcuda.so with error:"
                                                + " libcublasLt.so.12: cannot open")))
                .isEqualTo("libcublasLt.so.12: cannot open");
    }
}
