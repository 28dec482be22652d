package dev.darkroom.worker;

import dev.darkroom.worker.config.KafkaAccess;
import dev.darkroom.worker.config.WorkerConfig;
import dev.darkroom.worker.device.CapPolicy;
import dev.darkroom.worker.input.InputRules;
import dev.darkroom.worker.job.Admission;
import dev.darkroom.worker.onnx.DeviceChoice;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.storage.S3Settings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The configuration in each part's own words.
final class Wiring {
    private Wiring() {}

    /// How the lane's topics are reached.
    static KafkaAccess kafka(WorkerConfig config) {
        Map<String, String> client = new HashMap<>(config.kafka().properties());
        client.put("bootstrap.servers", config.kafka().bootstrap());
        return new KafkaAccess(client, config.topics(), config.process().id());
    }

    /// How the bucket is reached.
    static S3Settings s3(WorkerConfig.S3Config s3) {
        WorkerConfig.S3Credentials keys = s3.credentials();
        return new S3Settings(
                s3.bucket(),
                new S3Settings.Place(
                        s3.endpoint().uri(),
                        s3.endpoint().region(),
                        s3.endpoint().pathStyle()
                                ? S3Settings.Addressing.PATH
                                : S3Settings.Addressing.VIRTUAL_HOST),
                keys == null
                        ? null
                        : new S3Settings.Credentials(keys.accessKey(), keys.secretKey().value()),
                switch (s3.endpoint().checksums()) {
                    case WHEN_SUPPORTED -> S3Settings.Checksums.WHEN_SUPPORTED;
                    case WHEN_REQUIRED -> S3Settings.Checksums.WHEN_REQUIRED;
                },
                S3Settings.Timeouts.DEFAULT);
    }

    /// Where inputs may come from; the worker's own bucket is always among the places.
    static InputRules inputs(WorkerConfig config) {
        WorkerConfig.InputsConfig inputs = config.inputs();
        Set<String> buckets = new HashSet<>(inputs.buckets());
        buckets.add(config.s3().bucket());
        return new InputRules(
                buckets,
                inputs.hosts().open(),
                inputs.hosts().inside(),
                new InputRules.Sizes(
                        (int) inputs.sizes().bytes().count(),
                        inputs.sizes().side(),
                        inputs.sizes().pixels()),
                new InputRules.Times(inputs.timing().download(), inputs.timing().patience()));
    }

    /// Which device computes, and how.
    static DeviceOptions device(WorkerConfig.DeviceConfig device) {
        DeviceChoice choice =
                switch (device.use()) {
                    case AUTO -> new DeviceChoice.CudaOrCpu(device.index());
                    case CPU -> new DeviceChoice.Cpu();
                    case GPU -> new DeviceChoice.Cuda(device.index());
                };
        return new DeviceOptions(choice, device.threads(), device.gpuMemory().count());
    }

    /// How many rows share a run.
    static CapPolicy rows(WorkerConfig.DeviceConfig device) {
        return device.rows().fixed() == 0
                ? new CapPolicy.Learnt(device.rows().greatest())
                : new CapPolicy.Fixed(device.rows().fixed());
    }

    /// What holds for every job.
    static JobRunner.Rules rules(WorkerConfig config) {
        String version = Worker.class.getPackage().getImplementationVersion();
        return new JobRunner.Rules(
                new JobRunner.Identity(
                        config.process().id(),
                        version == null ? "Darkroom" : "Darkroom " + version),
                new Admission(config.limits(), inputs(config)),
                new JobRunner.Deliveries(
                        config.process().maxDeliveries(), config.process().timing().handOn()),
                config.process().slots(),
                new JobRunner.Telling(
                        config.progress().least(),
                        config.progress().previews(),
                        config.logging().prompts()
                                ? OutcomeLine.Prompts.SHOWN
                                : OutcomeLine.Prompts.HIDDEN));
    }
}
