package dev.darkroom.ops;

import dev.darkroom.ops.cli.Darkroom;
import dev.darkroom.worker.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A program in a process of its own; commands of the distribution and workers are started as a
/// deployment starts them.
public final class Child implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Thread reader;

    // Guarded by this.
    private final StringBuilder output = new StringBuilder();

    private Child(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().unstarted(this::read);
    }

    /// How a command ended.
    ///
    /// @param exit its status
    /// @param output what it wrote, errors included
    public record Result(int exit, String output) {}

    /// Starts `darkroom` with these arguments.
    public static Child start(Map<String, String> environment, String... arguments) {
        List<String> command =
                java(
                        Path.of("target", "darkroom"),
                        "-Ddarkroom.models=" + System.getProperty("models"),
                        Darkroom.class.getName());
        command.addAll(List.of(arguments));
        return start(environment, command);
    }

    /// Starts a worker, from its own distribution, with this configuration file.
    public static Child worker(Path config) {
        List<String> command =
                java(Path.of("..", "worker", "target", "darkroom-worker"), Main.class.getName());
        command.addAll(List.of("--config", config.toString()));
        return start(Map.of(), command);
    }

    private static List<String> java(Path distribution, String... more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("-XX:+UseSerialGC");
        command.add("-Xmx1g");
        command.add("-cp");
        command.add(distribution.resolve("lib").resolve("*").toString());
        command.addAll(List.of(more));
        return command;
    }

    /// Starts any program.
    public static Child start(Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().keySet().removeIf(name -> name.startsWith("DARKROOM_"));
            builder.environment().putAll(environment);
            Child child = new Child(builder.start());
            child.process.getOutputStream().close();
            child.reader.start();
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until the command wrote something like this.
    ///
    /// @return the match
    public synchronized Matcher await(Pattern pattern) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Matcher matcher = pattern.matcher(output);
            if (matcher.find()) {
                return matcher;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 || !reader.isAlive()) {
                throw new AssertionError("no '" + pattern + "' in:\n" + output);
            }
            wait(left);
        }
    }

    /// Waits for the command's end.
    public Result end() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError("it does not end:\n" + written());
        }
        reader.join();
        return new Result(process.exitValue(), written());
    }

    /// What it wrote so far.
    public synchronized String written() {
        return output.toString();
    }

    /// Tells it to end, as Ctrl-C and service managers do.
    public void terminate() {
        // Of the handle: the process would close its output as well, and the last words were lost.
        boolean _ = process.toHandle().destroy();
    }

    /// Ends it at once, as `kill -9` does: it has no chance to do anything.
    public void kill() {
        boolean _ = process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        kill();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (this) {
                    output.append(line).append('\n');
                    notifyAll();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            synchronized (this) {
                notifyAll();
            }
        }
    }
}
