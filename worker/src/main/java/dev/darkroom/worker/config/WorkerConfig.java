package dev.darkroom.worker.config;

import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.input.HostPattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that can be set about a worker process, checked and immutable. Each component is a
/// section of the file; `darkroom-worker.yaml` beside this class documents every key.
///
/// @param process the process and its job slots
/// @param kafka the broker
/// @param topics which topics
/// @param s3 the object store
/// @param models the model catalogue
/// @param device what computes
/// @param limits what jobs may ask for
/// @param inputs where inputs may come from
/// @param progress how progress is told
/// @param http the operator's port
/// @param logging what logs may hold
public record WorkerConfig(
        ProcessConfig process,
        KafkaConfig kafka,
        Topics topics,
        S3Config s3,
        ModelsConfig models,
        DeviceConfig device,
        LimitsConfig limits,
        InputsConfig inputs,
        ProgressConfig progress,
        HttpConfig http,
        LoggingConfig logging) {

    /// Section `worker`: the process and its job slots.
    ///
    /// @param id the worker's name in events and status
    /// @param slots jobs in flight at once
    /// @param maxDeliveries deliveries of one record after which the job fails without being run
    /// @param mediaThreads threads that encode pictures
    /// @param timing its timeouts and intervals
    public record ProcessConfig(
            String id, int slots, int maxDeliveries, int mediaThreads, Timing timing) {}

    /// The timeouts and intervals of section `worker`.
    ///
    /// @param drain how long running jobs may go on once the worker was told to stop
    /// @param status how often the worker's status is published
    /// @param handOn how long a record that this worker can bring to no end (a job of a newer
    ///   format, or one whose stored outcome cannot be read) is held before it is released, so that
    ///   it does not run in circles
    public record Timing(Duration drain, Duration status, Duration handOn) {}

    /// Section `kafka`: the broker.
    ///
    /// @param bootstrap `host:port`, several separated by commas
    /// @param properties passed on to every Kafka client: TLS, SASL and whatever else; secrets in
    ///   it are masked when shown
    public record KafkaConfig(String bootstrap, Map<String, String> properties) {
        /// Copies the map.
        public KafkaConfig {
            properties = Map.copyOf(properties);
        }

        @Override
        public String toString() {
            return "KafkaConfig[bootstrap="
                    + bootstrap
                    + ", properties="
                    + Masking.shown(properties)
                    + "]";
        }
    }

    /// Section `s3`: the object store.
    ///
    /// @param bucket holds outputs and manifests
    /// @param prefix put before every key; empty or ending in `/`
    /// @param endpoint where the service is
    /// @param credentials keys; absent: the SDK's own chain (environment, profile, instance role)
    public record S3Config(
            String bucket,
            String prefix,
            S3Endpoint endpoint,
            @Nullable S3Credentials credentials) {}

    /// Where and how an S3 service is spoken to.
    ///
    /// @param uri its address; absent: AWS
    /// @param region signing region
    /// @param pathStyle bucket in the path instead of the host name
    /// @param checksums when the client adds checksums
    public record S3Endpoint(
            @Nullable URI uri, String region, boolean pathStyle, Checksums checksums) {}

    /// A key pair of an S3 service.
    ///
    /// @param accessKey the public half
    /// @param secretKey the secret half
    public record S3Credentials(String accessKey, Secret secretKey) {}

    /// When the S3 client adds checksums of its own; some services refuse the newer ones.
    public enum Checksums {
        /// Wherever the operation supports one.
        WHEN_SUPPORTED,
        /// Only where the operation demands one.
        WHEN_REQUIRED
    }

    /// Section `models`: the catalogue.
    ///
    /// @param folder holds a folder per model, named like it
    /// @param preload loaded before the worker is ready
    /// @param memory budget for loaded models
    /// @param leastStay how long a loaded model stays at least
    public record ModelsConfig(
            Path folder, List<ModelId> preload, Bytes memory, Duration leastStay) {
        /// Copies the list.
        public ModelsConfig {
            preload = List.copyOf(preload);
        }
    }

    /// Section `device`: what computes.
    ///
    /// @param use which kind
    /// @param index which GPU, from 0
    /// @param rows how many share a run
    /// @param threads of the CPU provider; 0: one per core
    /// @param gpuMemory limit of the GPU's memory arena; 0: none
    public record DeviceConfig(DeviceUse use, int index, Rows rows, int threads, Bytes gpuMemory) {}

    /// Rows in one run.
    ///
    /// @param fixed most, for every graph and shape; 0: learnt by measurement
    /// @param greatest the most that may be learnt
    public record Rows(int fixed, int greatest) {}

    /// Which kind of device is used.
    public enum DeviceUse {
        /// The GPU when there is one, else the CPU.
        AUTO,
        /// The CPU.
        CPU,
        /// The GPU, or the worker does not start.
        GPU
    }

    /// Section `limits`: what jobs may ask for; a model's folder may allow less.
    ///
    /// @param promptCharacters of the prompt and of the negative prompt, each
    /// @param side pixels of a picture's longer side
    /// @param pixels of a picture
    /// @param steps of the sampler
    /// @param count outputs of a job
    public record LimitsConfig(int promptCharacters, int side, int pixels, int steps, int count) {}

    /// Section `inputs`: where jobs' inputs may come from and how large they may be.
    ///
    /// @param hosts that `https://` inputs may come from
    /// @param buckets that `s3://` inputs may come from, besides the worker's own
    /// @param sizes how large they may be
    /// @param timing how long `https://` inputs may take
    public record InputsConfig(
            InputHosts hosts, List<String> buckets, InputSizes sizes, InputTiming timing) {
        /// Copies the list.
        public InputsConfig {
            buckets = List.copyOf(buckets);
        }
    }

    /// The hosts of section `inputs`.
    ///
    /// @param open that lead to public addresses
    /// @param inside that may lead to private addresses too
    public record InputHosts(List<HostPattern> open, List<HostPattern> inside) {
        /// Copies the lists.
        public InputHosts {
            open = List.copyOf(open);
            inside = List.copyOf(inside);
        }
    }

    /// The limits of section `inputs`.
    ///
    /// @param bytes of one file
    /// @param side pixels of a picture's longer side
    /// @param pixels of all pictures of a job together
    public record InputSizes(Bytes bytes, int side, int pixels) {}

    /// The times of section `inputs`.
    ///
    /// @param download of one file
    /// @param patience how long a host that does not answer is tried again
    public record InputTiming(Duration download, Duration patience) {}

    /// Section `progress`: how progress is told.
    ///
    /// @param least shortest time between two progress events of a job
    /// @param previews whether previews are made at all
    public record ProgressConfig(Duration least, boolean previews) {}

    /// Section `http`: the operator's port.
    ///
    /// @param host address to listen on
    /// @param port 0: any free one
    public record HttpConfig(String host, int port) {}

    /// Section `logging`: what logs may hold. Levels are set by the environment, see `logback.xml`.
    ///
    /// @param prompts whether prompts are logged
    /// @param runs whether every run of the device is logged
    public record LoggingConfig(boolean prompts, boolean runs) {}
}
