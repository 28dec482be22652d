package dev.darkroom.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses PROTOCOL =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.darkroom.protocol");

    @Test
    void onlyTheClientKnowsKafka() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.darkroom.protocol.client..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(PROTOCOL);
    }

    @Test
    void packagesDependOnEachOtherInOneDirection() {
        slices().matching("dev.darkroom.protocol.(*)..").should().beFreeOfCycles().check(PROTOCOL);
    }

    @Test
    void needsNothingBeyondItsFewLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.crypto..",
                        "dev.darkroom.protocol..",
                        "org.jspecify.annotations..",
                        "com.fasterxml.jackson..",
                        "org.apache.kafka..")
                .check(PROTOCOL);
    }
}
