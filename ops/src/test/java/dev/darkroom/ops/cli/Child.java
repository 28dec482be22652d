package dev.darkroom.ops.cli;

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

/// A command of the distribution in a process of its own, started as the launcher starts it.
final class Child implements AutoCloseable {
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
    record Result(int exit, String output) {}

    /// Starts `darkroom` with these arguments.
    static Child start(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("-XX:+UseSerialGC");
        command.add("-Xmx1g");
        command.add("-Ddarkroom.models=" + System.getProperty("models"));
        command.add("-cp");
        command.add(Path.of("target", "darkroom", "lib", "*").toString());
        command.add(Darkroom.class.getName());
        command.addAll(List.of(arguments));
        return start(environment, command);
    }

    /// Starts any program.
    static Child start(Map<String, String> environment, List<String> command) {
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
    synchronized Matcher await(Pattern pattern) throws InterruptedException {
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
    Result end() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end:\n" + written());
        }
        reader.join();
        return new Result(process.exitValue(), written());
    }

    /// What it wrote so far.
    synchronized String written() {
        return output.toString();
    }

    /// Tells it to end, as Ctrl-C and service managers do.
    void terminate() {
        process.destroy();
    }

    @Override
    public void close() {
        process.destroyForcibly();
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
