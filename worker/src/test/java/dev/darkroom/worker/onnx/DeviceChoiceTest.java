package dev.darkroom.worker.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How a device is named in a configuration.
final class DeviceChoiceTest {
    @Test
    void readsTheLegalNames() {
        assertThat(DeviceChoice.parse("cpu")).isEqualTo(new DeviceChoice.Cpu());
        assertThat(DeviceChoice.parse("auto")).isEqualTo(new DeviceChoice.CudaOrCpu(0));
        assertThat(DeviceChoice.parse("cuda")).isEqualTo(new DeviceChoice.CudaOrCpu(0));
        assertThat(DeviceChoice.parse("cuda:3")).isEqualTo(new DeviceChoice.CudaOrCpu(3));
        assertThat(DeviceChoice.parse("cuda:3").demanded()).isEqualTo(new DeviceChoice.Cuda(3));
        assertThat(DeviceChoice.parse("cpu").demanded()).isEqualTo(new DeviceChoice.Cpu());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cuda:12345"})
    void refusesAnythingElseWithTheLegalOnes(String text) {
        assertThatThrownBy(() -> DeviceChoice.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("device is '" + text + "'; legal: auto, cpu, cuda, cuda:<index>");
    }
}
