package dev.darkroom.worker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String WORKER = "dev.darkroom.worker";

    private static JavaClasses worker;
    private static JavaClasses protocol;

    @BeforeAll
    static void readClasses() {
        ClassFileImporter importer =
                new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests());
        worker = importer.importPackages(WORKER);
        protocol = importer.importPackages("dev.darkroom.protocol");
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(WORKER + ".(*)..").should().beFreeOfCycles().check(worker);
    }

    @Test
    void noStageKnowsThePath() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WORKER)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(WORKER)
                .check(worker);
    }

    @Test
    void onlyOnnxKnowsTheRuntime() {
        onlyIn("ai.onnxruntime..", WORKER + ".onnx..");
    }

    @Test
    void onlyIntakeAndEventsKnowKafka() {
        onlyIn("org.apache.kafka..", WORKER + ".intake..", WORKER + ".events..");
    }

    @Test
    void onlyStorageKnowsS3() {
        onlyIn("software.amazon..", WORKER + ".storage..");
    }

    @Test
    void onlyMediaKnowsWebp() {
        onlyIn("com.luciad..", WORKER + ".media..");
    }

    @Test
    void onlyInputKnowsTheHttpClient() {
        onlyIn("org.apache.hc..", WORKER + ".input..");
    }

    @Test
    void vertxStaysWhereThreadsAndHttpAre() {
        noClasses()
                .that(
                        not(belongToAnyOf(Main.class, Worker.class))
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        WORKER + ".job..",
                                                        WORKER + ".device..",
                                                        WORKER + ".http..",
                                                        WORKER + ".config.."))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.vertx..")
                .check(worker);
    }

    @Test
    void configUsesOnlyVertxConfigAndJson() {
        noClasses()
                .that()
                .resideInAPackage(WORKER + ".config..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.vertx..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "io.vertx.config..",
                                                        "io.vertx.core.json..")))
                                // What reads the file has to be given an instance, and answers
                                // with a future.
                                .and(
                                        not(
                                                belongToAnyOf(
                                                        io.vertx.core.Vertx.class,
                                                        io.vertx.core.Future.class))))
                .check(worker);
    }

    @Test
    void numbersArePureJava() {
        classes()
                .that()
                .resideInAnyPackage(WORKER + ".sampling..", WORKER + ".tensor..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "org.jspecify..", WORKER + ".sampling..", WORKER + ".tensor..")
                .check(worker);
    }

    @Test
    void onlyConfigReadsTheEnvironment() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WORKER + ".config..")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(worker);
    }

    @Test
    void aWorkerCarriesNoBrokerAndNoStore() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "kafka..",
                        "org.apache.kafka.server..",
                        "org.apache.kafka.metadata..",
                        "org.gaul..",
                        "org.jclouds..")
                .check(worker);
    }

    @Test
    void onlyTheClientOfTheProtocolKnowsKafka() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.darkroom.protocol.client..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(protocol);
    }

    private static void onlyIn(String library, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(worker);
    }
}
