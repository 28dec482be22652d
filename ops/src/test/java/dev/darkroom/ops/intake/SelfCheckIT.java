package dev.darkroom.ops.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.config.KafkaAccess;
import dev.darkroom.worker.intake.SelfCheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SelfCheckIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @AutoClose private static LocalKafka kafka;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.start(LocalKafka.Options.temporary());
    }

    @Test
    void findsNothingOnceTheTopicsWereCreated() throws Exception {
        Topics topics = new Topics("good.", "good");
        create(topics);
        assertThat(check(topics)).isEmpty();
    }

    @Test
    void namesEverythingThatIsMissingAtOnceAndTheCommandThatMendsIt() throws Exception {
        Topics topics = new Topics("bare.", "bare");
        String command =
                "./darkroom topics create --bootstrap "
                        + kafka.bootstrap()
                        + " --lane bare --topic-prefix 'bare.'";
        List<String> problems = check(topics);
        assertThat(problems).hasSize(5).allSatisfy(p -> assertThat(p).endsWith(command));
        assertThat(problems.getFirst())
                .contains(
                        "bare.commands, bare.events, bare.jobs.bare, bare.jobs.bare.resume,"
                                + " bare.progress, bare.workers");
        assertThat(problems)
                .filteredOn(p -> p.contains("group darkroom-workers-bare has"))
                .hasSize(2)
                .anySatisfy(p -> assertThat(p).contains("share.auto.offset.reset=latest"))
                .anySatisfy(p -> assertThat(p).contains("share.isolation.level=read_uncommitted"));
    }

    @Test
    void settingThatSomebodyChoseIsMendedByHand() throws Exception {
        Topics topics = new Topics("chosen.", "chosen");
        create(topics);
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, topics.shareGroup());
        AlterConfigOp off =
                new AlterConfigOp(
                        new ConfigEntry("share.renew.acknowledge.enable", "false"),
                        AlterConfigOp.OpType.SET);
        try (Admin admin = admin(kafka)) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(off))).all().get();
        }
        assertThat(check(topics))
                .singleElement()
                .asString()
                .contains(
                        "share.renew.acknowledge.enable=false",
                        "kafka-configs.sh",
                        "--entity-name darkroom-workers-chosen",
                        "--add-config share.renew.acknowledge.enable=true");
    }

    @Test
    void namesTheFeatureThatIsOff() throws Exception {
        try (LocalKafka old = LocalKafka.start(LocalKafka.Options.temporary())) {
            Topics topics = Topics.standard();
            try (TopicAdmin topicAdmin = TopicAdmin.connect(old.bootstrap());
                    Admin admin = admin(old)) {
                topicAdmin.create(topics, Layout.DEFAULT);
                FeatureUpdate down =
                        new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE);
                admin.updateFeatures(Map.of("share.version", down), new UpdateFeaturesOptions())
                        .all()
                        .get();
            }
            assertThat(SelfCheck.run(settings(old, topics), PATIENCE))
                    .singleElement()
                    .asString()
                    .contains("Share groups are off", "--feature share.version=1");
        }
    }

    @Test
    void namesTheAddressThatNobodyAnswersAt() throws Exception {
        LocalKafka gone = LocalKafka.start(LocalKafka.Options.temporary());
        gone.close();
        assertThat(SelfCheck.run(settings(gone, Topics.standard()), Duration.ofSeconds(2)))
                .singleElement()
                .asString()
                .contains("No Kafka broker answers at " + gone.bootstrap());
    }

    private static List<String> check(Topics topics) throws InterruptedException {
        return SelfCheck.run(settings(kafka, topics), PATIENCE);
    }

    private static void create(Topics topics) {
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            admin.create(topics, Layout.DEFAULT);
        }
    }

    private static Admin admin(LocalKafka broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    private static KafkaAccess settings(LocalKafka broker, Topics topics) {
        return new KafkaAccess(Map.of("bootstrap.servers", broker.bootstrap()), topics, "worker");
    }
}
