package dev.darkroom.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.config.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelfCheckTest {
    @ParameterizedTest
    @CsvSource({
        "bootstrap.servers, localhost:kafka, localhost:kafka",
        "security.protocol, TLS, security.protocol",
        "ssl.truststore.location, /nowhere, /nowhere"
    })
    void saysWhichSettingNoKafkaClientCanWorkWith(String setting, String value, String words)
            throws Exception {
        Map<String, String> kafka =
                new HashMap<>(
                        Map.of("bootstrap.servers", "localhost:1", "security.protocol", "SSL"));
        kafka.put(setting, value);

        assertThat(
                        SelfCheck.run(
                                new KafkaAccess(kafka, Topics.standard(), "w"),
                                Duration.ofSeconds(1)))
                .singleElement()
                .asString()
                .contains(words)
                .contains("Correct kafka.bootstrap or kafka.properties");
    }
}
