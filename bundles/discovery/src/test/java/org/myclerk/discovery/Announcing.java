package org.myclerk.discovery;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.Set;
import java.util.stream.Collectors;

import org.myclerk.api.node.NearbyNode;
import org.myclerk.api.node.Node;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;

/**
 * A process with nothing of a node but its discovery. It says what it hears, {@code heard ID ENDPOINT}, and
 * for every line it reads whom it has nearby, {@code nearby NAME@[ENDPOINT,...]}; at the end of its input it
 * says goodbye, and {@code left THREADS} with the threads that discovery left behind.
 */
final class Announcing {

    private Announcing() {
    }

    public static void main(String[] arguments) {
        Bytes id = Bytes.ofHex(arguments[0]);
        List<Endpoint> listening = List.of(Endpoint.parse("[::]:" + arguments[1]));
        Node node = (Node) Proxy.newProxyInstance(Node.class.getClassLoader(), new Class<?>[] {Node.class},
                (_, method, values) -> switch (method.getName()) {
                    case "id" -> id;
                    case "name" -> "kitchen-pi";
                    case "listening" -> listening;
                    case "heardOf" -> {
                        System.out.println("heard " + ((Bytes) values[0]).toHex() + " " + values[1]);
                        yield null;
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Discovery discovery = new Discovery(node, true, Set.of(), Duration.ofSeconds(1));
        Scanner input = new Scanner(System.in);
        while (input.hasNextLine()) {
            input.nextLine();
            System.out.println("nearby " + discovery.nodes().stream().map(Announcing::text)
                    .collect(Collectors.joining(",")));
        }
        discovery.close();
        System.out.println("left " + Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive()
                        && thread.getThreadGroup() == Thread.currentThread().getThreadGroup())
                .map(Thread::getName).collect(Collectors.joining(",")));
    }

    private static String text(NearbyNode node) {
        return node.name() + "@" + node.endpoints();
    }
}
