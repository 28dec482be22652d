package dev.darkroom.worker.config;

import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.input.HostPattern;
import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// Reads a worker's configuration: the environment first (`DARKROOM_<SECTION>_<KEY>`), then the
/// file, then the defaults. Reports every problem at once.
public final class ConfigReader {
    /// The setting of Kafka clients that has a key of its own here.
    private static final String BOOTSTRAP = "bootstrap.servers";

    private static final List<String> SECTIONS =
            List.of(
                    "worker",
                    "kafka",
                    "topics",
                    "s3",
                    "models",
                    "device",
                    "limits",
                    "inputs",
                    "progress",
                    "http",
                    "logging");
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final long MOST_IN_MEMORY = 1L << 30;

    private ConfigReader() {}

    /// A configuration and what to show of it.
    ///
    /// @param config the checked values
    /// @param effective every key with its value as it may be shown, secrets masked
    public record Loaded(WorkerConfig config, Map<String, String> effective) {
        /// Copies the map, sorted.
        public Loaded {
            effective = java.util.Collections.unmodifiableMap(new TreeMap<>(effective));
        }
    }

    /// The configuration of this process: the YAML file, if one is named, under its environment.
    ///
    /// @throws ConfigException with every problem
    public static Loaded load(Optional<Path> file) {
        return read(file.map(ConfigReader::parse).orElseGet(JsonObject::new), System.getenv());
    }

    /// The file that a command line or the environment names: `--config FILE`, or the variable
    /// `DARKROOM_CONFIG`; nothing when neither does.
    ///
    /// @throws ConfigException when the command line says anything else
    public static Optional<Path> locate(List<String> arguments) {
        if (arguments.isEmpty()) {
            return Optional.ofNullable(System.getenv("DARKROOM_CONFIG")).map(Path::of);
        }
        if (arguments.size() == 2 && arguments.getFirst().equals("--config")) {
            return Optional.of(Path.of(arguments.getLast()));
        }
        throw new ConfigException(
                List.of(
                        "the command line is '"
                                + String.join(" ", arguments)
                                + "'; legal: --config FILE"));
    }

    /// The configuration of this process: dotted keys, for example `kafka.bootstrap`, in the place
    /// of a file, under its environment.
    ///
    /// @throws ConfigException with every problem
    public static Loaded load(Map<String, String> settings) {
        return read(asFile(settings), System.getenv());
    }

    /// A configuration from dotted keys, for example `kafka.bootstrap`, for workers that are
    /// started inside another program; the environment plays no part.
    ///
    /// @throws ConfigException with every problem
    public static WorkerConfig of(Map<String, String> settings) {
        return read(asFile(settings), Map.of()).config();
    }

    private static JsonObject asFile(Map<String, String> settings) {
        JsonObject file = new JsonObject();
        settings.forEach((dotted, value) -> {
            int dot = dotted.indexOf('.');
            String section = dot < 0 ? dotted : dotted.substring(0, dot);
            if (!(file.getValue(section) instanceof JsonObject)) {
                file.put(section, new JsonObject());
            }
            file.getJsonObject(section).put(dotted.substring(dot + 1), value);
        });
        return file;
    }

    /// Reads `file` under `environment`.
    ///
    /// @throws ConfigException with every problem
    static Loaded read(JsonObject file, Map<String, String> environment) {
        Problems problems = new Problems();
        Section.Sources sources = new Section.Sources(file, environment, problems);
        for (String section : file.fieldNames()) {
            if (!SECTIONS.contains(section)) {
                problems.add(
                        "unknown section "
                                + section
                                + Problems.nearest(section, SECTIONS)
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse("; legal: " + String.join(", ", SECTIONS)));
            }
        }
        WorkerConfig config =
                new WorkerConfig(
                        process(sources),
                        kafka(sources),
                        topics(sources),
                        s3(sources),
                        models(sources),
                        device(sources),
                        limits(sources),
                        inputs(sources),
                        progress(sources),
                        http(sources),
                        logging(sources));
        problems.throwIfAny();
        return new Loaded(config, sources.effective());
    }

    private static WorkerConfig.ProcessConfig process(Section.Sources sources) {
        try (Section section = new Section("worker", sources)) {
            int cores = Runtime.getRuntime().availableProcessors();
            int mediaThreads = section.integer("mediaThreads", 0, 0, 256);
            return new WorkerConfig.ProcessConfig(
                    section.optionalText("id").orElseGet(ConfigReader::freshId),
                    section.integer("slots", 8, 1, 200),
                    section.integer("maxDeliveries", 5, 1, 100),
                    mediaThreads == 0 ? Math.max(1, cores / 2) : mediaThreads,
                    new WorkerConfig.Timing(
                            section.duration(
                                    "drain", Duration.ofSeconds(30), Duration.ZERO, LONGEST),
                            section.duration(
                                    "status",
                                    Duration.ofSeconds(15),
                                    Duration.ofMillis(100),
                                    LONGEST),
                            section.duration(
                                    "handOn", Duration.ofSeconds(10), Duration.ZERO, LONGEST)));
        }
    }

    private static WorkerConfig.KafkaConfig kafka(Section.Sources sources) {
        try (Section section = new Section("kafka", sources)) {
            Map<String, String> properties = new TreeMap<>();
            section.optionalText("propertiesFile")
                    .ifPresent(path -> properties.putAll(propertiesOf(path, sources.problems())));
            properties.putAll(section.map("properties"));
            if (properties.containsKey(BOOTSTRAP)) {
                sources.problems()
                        .add(
                                "kafka.properties has "
                                        + BOOTSTRAP
                                        + "; legal: absent, since kafka.bootstrap says it");
            }
            return new WorkerConfig.KafkaConfig(
                    section.text("bootstrap", "localhost:9092"), properties);
        }
    }

    private static Topics topics(Section.Sources sources) {
        try (Section section = new Section("topics", sources)) {
            String prefix = section.text("prefix", Topics.DEFAULT_PREFIX);
            String lane = section.text("lane", Topics.DEFAULT_LANE);
            try {
                return new Topics(prefix, lane);
            } catch (IllegalArgumentException e) {
                sources.problems().add("topics: " + e.getMessage());
                return Topics.standard();
            }
        }
    }

    private static WorkerConfig.S3Config s3(Section.Sources sources) {
        try (Section section = new Section("s3", sources)) {
            Optional<String> accessKey = section.optionalText("accessKey");
            @Nullable Secret secretKey = section.secret("secretKey");
            if (accessKey.isPresent() != (secretKey != null)) {
                sources.problems()
                        .add(
                                "of s3.accessKey and s3.secretKey only one is set; legal: both or none");
            }
            return new WorkerConfig.S3Config(
                    section.text("bucket", "darkroom"),
                    section.parsed("prefix", "", ConfigReader::prefix),
                    new WorkerConfig.S3Endpoint(
                            section.optionalText("endpoint")
                                    .flatMap(text -> endpoint(text, sources.problems()))
                                    .orElse(null),
                            section.text("region", "us-east-1"),
                            section.flag("pathStyle", true),
                            section.choice("checksums", WorkerConfig.Checksums.WHEN_REQUIRED)),
                    accessKey.isPresent() && secretKey != null
                            ? new WorkerConfig.S3Credentials(accessKey.get(), secretKey)
                            : null);
        }
    }

    private static WorkerConfig.ModelsConfig models(Section.Sources sources) {
        try (Section section = new Section("models", sources)) {
            return new WorkerConfig.ModelsConfig(
                    section.parsed("folder", Path.of("models"), Path::of),
                    section.list("preload", List.of(), ModelId::new),
                    section.bytes("memory", Bytes.of("8GiB")),
                    section.duration("leastStay", Duration.ofSeconds(60), Duration.ZERO, LONGEST));
        }
    }

    private static WorkerConfig.DeviceConfig device(Section.Sources sources) {
        try (Section section = new Section("device", sources)) {
            return new WorkerConfig.DeviceConfig(
                    section.choice("use", WorkerConfig.DeviceUse.AUTO),
                    section.integer("index", 0, 0, 63),
                    new WorkerConfig.Rows(
                            section.integer("rows", 0, 0, 4096),
                            section.integer("maxRows", 64, 1, 4096)),
                    section.integer("threads", 0, 0, 1024),
                    section.bytes("gpuMemory", new Bytes(0)));
        }
    }

    private static WorkerConfig.LimitsConfig limits(Section.Sources sources) {
        try (Section section = new Section("limits", sources)) {
            return new WorkerConfig.LimitsConfig(
                    section.integer("promptCharacters", 4000, 1, 1_000_000),
                    section.integer("side", 2048, 1, 65_536),
                    section.integer("pixels", 4_194_304, 1, Integer.MAX_VALUE),
                    section.integer("steps", 1000, 1, 100_000),
                    section.integer("count", 16, 1, 10_000));
        }
    }

    private static WorkerConfig.InputsConfig inputs(Section.Sources sources) {
        try (Section section = new Section("inputs", sources)) {
            return new WorkerConfig.InputsConfig(
                    new WorkerConfig.InputHosts(
                            section.list("hosts", List.of(), HostPattern::of),
                            section.list("privateHosts", List.of(), HostPattern::of)),
                    section.list("buckets", List.of(), ConfigReader::bucket),
                    new WorkerConfig.InputSizes(
                            section.parsed("bytes", Bytes.of("32MiB"), ConfigReader::inMemory),
                            section.integer("side", 8192, 1, 65_536),
                            section.integer("pixels", 33_554_432, 1, 500_000_000)),
                    new WorkerConfig.InputTiming(
                            section.duration(
                                    "timeout",
                                    Duration.ofSeconds(30),
                                    Duration.ofMillis(100),
                                    LONGEST),
                            section.duration(
                                    "wait", Duration.ofMinutes(1), Duration.ZERO, LONGEST)));
        }
    }

    private static WorkerConfig.ProgressConfig progress(Section.Sources sources) {
        try (Section section = new Section("progress", sources)) {
            return new WorkerConfig.ProgressConfig(
                    section.duration("least", Duration.ofMillis(200), Duration.ZERO, LONGEST),
                    section.flag("previews", true));
        }
    }

    private static WorkerConfig.HttpConfig http(Section.Sources sources) {
        try (Section section = new Section("http", sources)) {
            return new WorkerConfig.HttpConfig(
                    section.text("host", "0.0.0.0"), section.integer("port", 8080, 0, 65_535));
        }
    }

    private static WorkerConfig.LoggingConfig logging(Section.Sources sources) {
        try (Section section = new Section("logging", sources)) {
            return new WorkerConfig.LoggingConfig(
                    section.flag("prompts", false), section.flag("runs", false));
        }
    }

    private static String bucket(String written) {
        if (written.contains("/") || written.contains(":")) {
            throw new IllegalArgumentException("legal: names of buckets, without s3:// and key");
        }
        return written;
    }

    /// An amount that is held in memory in one piece.
    private static Bytes inMemory(String written) {
        Bytes bytes = Bytes.of(written);
        if (bytes.count() < 1 || bytes.count() > MOST_IN_MEMORY) {
            throw new IllegalArgumentException("legal: from 1B to 1GiB");
        }
        return bytes;
    }

    private static String prefix(String written) {
        if (!written.isEmpty() && (!written.endsWith("/") || written.startsWith("/"))) {
            throw new IllegalArgumentException(
                    "legal: empty, or ending in / and not starting with it");
        }
        return written;
    }

    private static Optional<URI> endpoint(String written, Problems problems) {
        try {
            URI uri = URI.create(written);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return Optional.of(uri);
            }
        } catch (IllegalArgumentException _) {
            // The message below says what an endpoint may look like.
        }
        problems.add(
                "s3.endpoint is '" + written + "'; legal: for example https://s3.example.com:9000");
        return Optional.empty();
    }

    private static Map<String, String> propertiesOf(String path, Problems problems) {
        Map<String, String> entries = new TreeMap<>();
        try (Reader reader = Files.newBufferedReader(Path.of(path), StandardCharsets.UTF_8)) {
            Properties properties = new Properties();
            properties.load(reader);
            properties.forEach((key, value) -> entries.put(key.toString(), value.toString()));
        } catch (IOException | RuntimeException e) {
            problems.add(
                    "kafka.propertiesFile is "
                            + path
                            + ", which cannot be read ("
                            + e
                            + "); legal: a readable properties file");
        }
        return entries;
    }

    /// The file's content. Vert.x reads files asynchronously; the configuration is needed before
    /// anything else can start, so this waits for it.
    static JsonObject parse(Path file) {
        if (!Files.isReadable(file)) {
            throw new ConfigException(List.of(file + " cannot be read; legal: a YAML file"));
        }
        Vertx vertx = Vertx.vertx();
        try {
            ConfigStoreOptions store =
                    new ConfigStoreOptions()
                            .setType("file")
                            .setFormat("yaml")
                            .setConfig(
                                    new JsonObject().put("path", file.toAbsolutePath().toString()));
            ConfigRetriever retriever =
                    ConfigRetriever.create(
                            vertx,
                            new ConfigRetrieverOptions()
                                    .setIncludeDefaultStores(false)
                                    .addStore(store));
            return retriever.getConfig().toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new ConfigException(
                    List.of(file + " is no YAML file that can be used: " + e.getCause()));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /// A name that tells people which host it is and that no two processes share.
    private static String freshId() {
        byte[] random = new byte[3];
        new SecureRandom().nextBytes(random);
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            host = "worker";
        }
        return host + "-" + HexFormat.of().formatHex(random);
    }
}
