# SPDX-License-Identifier: Apache-2.0
"""A bad line for tests: a TCP proxy on loopback that cuts, slows and slices.

    with Proxy(hub.port) as line:
        line.cut_after = 100_000     # each connection ends without a word after so many bytes (both directions)
        line.slice = 1               # bytes of one send
        line.delay = 0.05            # seconds before each send
        line.refuse = True           # nobody answers

What is set holds from the next byte on. `line.connections` and `line.bytes` tell what passed, `line.cuts` how often it was cut.
"""

import selectors
import socket
import struct
import threading
import time


class Proxy:
    def __init__(self, target_port):
        self.target_port = target_port
        self.cut_after, self.slice, self.delay, self.refuse = None, 65536, 0.0, False
        self.connections = self.cuts = self.bytes = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = []

    def __enter__(self):
        self.accepting = threading.Thread(target=self.accept)
        self.accepting.start()
        return self

    def __exit__(self, *fault):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join()
        for thread in self.threads:
            thread.join()
        return False

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refuse:
                self.reset(client)
                continue
            self.connections += 1
            thread = threading.Thread(target=self.carry, args=(client,))
            self.threads.append(thread)
            thread.start()

    @staticmethod
    def reset(line):
        """Ends without goodbye, as a broken line does."""
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()

    def carry(self, client):
        try:
            hub = socket.create_connection(("127.0.0.1", self.target_port), 5)
        except OSError:
            self.reset(client)
            return
        for line in (client, hub):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        passed = 0
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, hub)
            ready.register(hub, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    try:
                        moved = self.move(key.fileobj, key.data, passed)
                    except OSError:
                        moved = 0
                    passed += moved
                    if moved == 0 or (self.cut_after is not None and passed >= self.cut_after):
                        self.cuts += moved != 0
                        self.reset(client)
                        self.reset(hub)
                        return

    def move(self, source, sink, passed):
        room = self.slice if self.cut_after is None else min(self.slice, self.cut_after - passed)
        data = source.recv(max(room, 1))
        if self.delay:
            time.sleep(self.delay)
        sink.sendall(data)
        self.bytes += len(data)
        return len(data)
