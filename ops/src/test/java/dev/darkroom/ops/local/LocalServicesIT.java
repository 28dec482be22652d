package dev.darkroom.ops.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalServicesIT {
    @TempDir Path folder;

    @Test
    void brokerFindsItsTopicsAgainAfterARestartAndInALaterProcess() throws Exception {
        String cluster;
        try (LocalKafka kafka = LocalKafka.start(folder)) {
            try (Admin admin = admin(kafka)) {
                cluster = admin.describeCluster().clusterId().get();
                admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();
                assertThat(admin.describeFeatures().featureMetadata().get().finalizedFeatures())
                        .hasEntrySatisfying(
                                "share.version",
                                level ->
                                        assertThat(level.maxVersionLevel())
                                                .isGreaterThan((short) 0));
            }
            String address = kafka.bootstrap();
            kafka.stop();
            kafka.start();
            assertThat(kafka.bootstrap()).isEqualTo(address);
            try (Admin admin = admin(kafka)) {
                assertThat(admin.listTopics().names().get()).contains("kept");
            }
        }
        try (LocalKafka kafka = LocalKafka.start(folder);
                Admin admin = admin(kafka)) {
            assertThat(admin.describeCluster().clusterId().get()).isEqualTo(cluster);
            assertThat(admin.listTopics().names().get()).contains("kept");
        }
    }

    @Test
    void folderInUseIsRefusedWithItsNameAndLeftAlone() throws Exception {
        try (LocalKafka first = LocalKafka.start(folder)) {
            Path leadership = folder.resolve("__cluster_metadata-0/quorum-state");
            byte[] before = Files.readAllBytes(leadership);
            assertThatThrownBy(() -> LocalKafka.start(folder))
                    .isInstanceOf(LocalServiceException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("in use");
            assertThat(leadership).hasBinaryContent(before);
            assertThat(first.running()).isTrue();
        }
    }

    private static Admin admin(LocalKafka kafka) {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrap()));
    }
}
