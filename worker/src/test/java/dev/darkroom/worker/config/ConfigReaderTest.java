package dev.darkroom.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.job.ModelId;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    private static final Map<String, String> NO_ENVIRONMENT = Map.of();

    @TempDir Path folder;

    @Test
    void documentsEveryKeyWithItsDefault() throws URISyntaxException {
        Path reference =
                Path.of(
                        Objects.requireNonNull(
                                        WorkerConfig.class.getResource("darkroom-worker.yaml"))
                                .toURI());

        Map<String, String> documented = shown(reference);
        Map<String, String> defaults =
                withoutId(ConfigReader.read(new JsonObject(), NO_ENVIRONMENT).effective());

        assertThat(documented).isEqualTo(defaults);
        assertThat(writtenKeys(reference)).containsExactlyInAnyOrderElementsOf(allKeys(defaults));
    }

    @Test
    void takesTheEnvironmentBeforeTheFileBeforeTheDefault() throws Exception {
        Path file = file("kafka:\n  bootstrap: file:1\ntopics:\n  lane: gpu\n");
        ConfigReader.Loaded loaded =
                ConfigReader.read(
                        parsed(file),
                        Map.of(
                                "DARKROOM_KAFKA_BOOTSTRAP", "env:2",
                                "DARKROOM_MODELS_LEAST_STAY", "5m",
                                "DARKROOM_MODELS_PRELOAD", "emoji, sd",
                                "DARKROOM_KAFKA_PROPERTIES_SASL_MECHANISM", "PLAIN",
                                "DARKROOM_LOG_LEVEL", "DEBUG"));

        assertThat(loaded.config().kafka().bootstrap()).isEqualTo("env:2");
        assertThat(loaded.config().kafka().properties()).containsEntry("sasl.mechanism", "PLAIN");
        assertThat(loaded.config().topics().lane()).isEqualTo("gpu");
        assertThat(loaded.config().models().leastStay()).isEqualTo(Duration.ofMinutes(5));
        assertThat(loaded.config().models().preload())
                .containsExactly(new ModelId("emoji"), new ModelId("sd"));
        assertThat(loaded.config().http().port()).isEqualTo(8080);
    }

    @Test
    void reportsEveryProblemAtOnceWithTheNearestKnownKey() throws Exception {
        Path file =
                file(
                        """
                        worker:
                          slots: 0
                          drain: soon
                        kafka:
                          botstrap: here:1
                          properties:
                            bootstrap.servers: there:1
                        modles:
                          folder: x
                        s3:
                          endpoint: nowhere
                          accessKey: me
                          checksums: never
                        topics:
                          lane: Retry!
                        models:
                          memory: much
                        inputs:
                          hosts: [images.example.com, "https://cdn.example.com"]
                          buckets: [s3://pictures]
                          bytes: 2GiB
                        http: 8080
                        """);

        assertThatThrownBy(() ->
                        ConfigReader.read(parsed(file), Map.of("DARKROOM_DEVICE_THREDS", "2")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("worker.slots is '0'; legal: a whole number from 1 to 200")
                .hasMessageContaining("worker.drain is 'soon'; legal: a number and a unit")
                .hasMessageContaining(
                        "kafka.properties has bootstrap.servers; legal: absent, since"
                                + " kafka.bootstrap says it")
                .hasMessageContaining("kafka.botstrap; did you mean kafka.bootstrap?")
                .hasMessageContaining("unknown section modles; did you mean models?")
                .hasMessageContaining("s3.endpoint is 'nowhere'")
                .hasMessageContaining("s3.accessKey and s3.secretKey only one is set")
                .hasMessageContaining(
                        "s3.checksums is 'never'; legal: when-supported, when-required")
                .hasMessageContaining("lane is 'Retry!'")
                .hasMessageContaining("models.memory is 'much'")
                .hasMessageContaining(
                        "inputs.hosts is 'images.example.com,https://cdn.example.com'; legal: hosts"
                                + " without a scheme, each as host, host:port or *.domain")
                .hasMessageContaining("inputs.buckets is 's3://pictures'; legal: names of buckets")
                .hasMessageContaining("inputs.bytes is '2GiB'; legal: from 1B to 1GiB")
                .hasMessageContaining("http is 8080; legal: a section with keys")
                .hasMessageContaining(
                        "unknown variable DARKROOM_DEVICE_THREDS; did you mean"
                                + " DARKROOM_DEVICE_THREADS?");
    }

    @Test
    void neverShowsASecret() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "hush-s3\n");
        ConfigReader.Loaded loaded =
                ConfigReader.read(
                        new JsonObject()
                                .put(
                                        "kafka",
                                        new JsonObject()
                                                .put(
                                                        "properties",
                                                        new JsonObject()
                                                                .put(
                                                                        "sasl.jaas.config",
                                                                        "hush-kafka")
                                                                .put(
                                                                        "ssl.keystore.password",
                                                                        "hush-tls"))),
                        Map.of(
                                "DARKROOM_S3_ACCESS_KEY",
                                "me",
                                "DARKROOM_S3_SECRET_KEY_FILE",
                                secret.toString()));

        assertThat(Objects.requireNonNull(loaded.config().s3().credentials()).secretKey().value())
                .isEqualTo("hush-s3");
        assertThat(loaded.config().toString() + loaded.effective()).doesNotContain("hush");
        assertThat(loaded.effective())
                .containsEntry("s3.secretKey", Secret.MASK)
                .containsEntry("kafka.properties.sasl.jaas.config", Secret.MASK);
    }

    @Test
    void readsSettingsOfAnEmbeddedWorker() {
        WorkerConfig config =
                ConfigReader.of(
                        Map.of(
                                "kafka.bootstrap", "127.0.0.1:5",
                                "s3.endpoint", "http://127.0.0.1:6",
                                "device.rows", "16",
                                "models.memory", "1GiB"));

        assertThat(config.s3().endpoint().uri()).isEqualTo(URI.create("http://127.0.0.1:6"));
        assertThat(config.device().rows().fixed()).isEqualTo(16);
        assertThat(config.models().memory()).isEqualTo(new Bytes(1L << 30));
        assertThatThrownBy(() -> ConfigReader.of(Map.of("kafka.bootstap", "x")))
                .hasMessageContaining("did you mean kafka.bootstrap?");
    }

    @Test
    void namesAFileThatCannotBeUsed() throws Exception {
        Path broken = file("worker: [unclosed");

        assertThatThrownBy(() -> ConfigReader.load(Optional.of(broken)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(broken.toString());
        assertThatThrownBy(() -> ConfigReader.load(Optional.of(folder.resolve("absent.yaml"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("absent.yaml cannot be read");
    }

    private Path file(String yaml) throws java.io.IOException {
        return Files.writeString(folder.resolve("worker.yaml"), yaml);
    }

    private static JsonObject parsed(Path file) {
        return ConfigReader.parse(file);
    }

    private static Map<String, String> shown(Path file) {
        return withoutId(ConfigReader.read(parsed(file), NO_ENVIRONMENT).effective());
    }

    /// All but the worker's id, which is random where it is not set.
    private static Map<String, String> withoutId(Map<String, String> effective) {
        Map<String, String> rest = new TreeMap<>(effective);
        rest.remove("worker.id");
        return rest;
    }

    private static java.util.Set<String> writtenKeys(Path file) {
        Map<String, String> keys = new LinkedHashMap<>();
        parsed(file)
                .forEach(section ->
                        ((JsonObject) section.getValue())
                                .fieldNames()
                                .forEach(key -> keys.put(section.getKey() + "." + key, "")));
        return keys.keySet();
    }

    private static java.util.Set<String> allKeys(Map<String, String> effective) {
        java.util.Set<String> keys = new java.util.TreeSet<>(effective.keySet());
        keys.add("worker.id");
        keys.add("kafka.properties");
        return keys;
    }
}
