package org.myclerk.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;

/** A node called attic, without peers; it writes down what it is asked to do. Extend it for more. */
public class TestNode implements Node {

    /** 16 zero bytes. */
    public static final Bytes ID = Bytes.wrap(new byte[16]);

    /** What it was asked to do, a line each, oldest first. */
    public final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

    /** Who wants to hear of new peers. */
    public Consumer<Peer> onPeer;

    @Override
    public Bytes id() {
        return ID;
    }

    @Override
    public String name() {
        return "attic";
    }

    @Override
    public Path home() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Endpoint> listening() {
        return List.of(new Endpoint("tcp", "::", 5657));
    }

    @Override
    public List<OperationTable> tables() {
        return List.of();
    }

    @Override
    public List<PeerState> peers() {
        return List.of();
    }

    @Override
    public Peer peer(String nameOrId) throws Refused {
        throw Refused.notFound("no peer is called " + nameOrId);
    }

    @Override
    public void heardOf(Bytes nodeId, Endpoint endpoint) {
        asked.add("heard of %s at %s".formatted(nodeId.toHex(), endpoint));
    }

    @Override
    public void serves(Bytes session) {
        asked.add("serves " + session.toHex());
    }

    @Override
    public List<SessionState> sessions() {
        return List.of();
    }

    @Override
    public void close(Bytes session, String reason) throws Refused {
        asked.add("close %s: %s".formatted(session.toHex(), reason));
    }

    @Override
    public void rotate(Bytes session) {
        asked.add("rotate " + session.toHex());
    }

    @Override
    public void revoke(Bytes session) {
        asked.add("revoke " + session.toHex());
    }

    @Override
    public LinkHandler accept(Link link) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Subscription onPeer(Consumer<Peer> task) {
        onPeer = task;
        return () -> asked.add("no more peers");
    }
}
