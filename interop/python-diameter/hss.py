"""An HSS of Zh on python-diameter at host:port: Milenage, four subscribers, no security settings."""

import contextlib
import logging
import os
import sys
import threading

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from diameter.message import Avp, DefinedMessage, constants
from diameter.node import Node
from diameter.node.node import NotRoutable
from diameter.node.application import SimpleThreadingApplication

VENDOR = constants.VENDOR_TGPP
ZH = constants.APP_3GPP_ZH
MAR = 303
USER_NAME, VENDOR_ID, RESULT_CODE, FAILED_AVP = 1, 266, 268, 279
EXPERIMENTAL_RESULT, EXPERIMENTAL_RESULT_CODE = 297, 298
ITEM, SCHEME, AUTHENTICATE, AUTHORIZATION = 612, 608, 609, 610
CONFIDENTIALITY_KEY, INTEGRITY_KEY = 625, 626
SUCCESS, COMMAND_UNSUPPORTED, INVALID_HDR_BITS, USER_UNKNOWN = 2001, 3001, 3008, 5401
AVP_UNSUPPORTED, INVALID_AVP_VALUE, MISSING_AVP = 5001, 5004, 5005
SCHEME_OF_AKA = "Digest-AKAv1-MD5"
# From one sequence number to the next, as IND has five bits, and the steps that a USIM lets it jump.
STEP, FARTHEST = 32, 2**28
# K, OPc, AMF and the last sequence number: TS 35.207 test sets 1, 3, 4 and 6.
SUBSCRIBERS = {
    "user1": "465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf b9b9 ff9bb4d0b607",
    "user2": "fec86ba6eb707ed08905757b1bb44b8f 1006020f0a478bf6b699f15c062e42b3 725c 9d0277595ffc",
    "user3": "9e5944aea94b81165c82fbf9f32db751 a64a507ae1a2a98bb88eb4210135dc87 9e09 0b604a81eca8",
    "user4": "6c38a116ac280c454f59332ee35c8c4f 3803ef5363b947c6aaa225e58fae3934 4464 414b98222181",
}


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


class Subscriber:
    def __init__(self, text: str) -> None:
        k, self.opc, self.amf, sqn = (bytes.fromhex(word) for word in text.split())
        self.encrypt = Cipher(algorithms.AES(k), modes.ECB()).encryptor().update
        self.sqn = int.from_bytes(sqn)
        self.lock = threading.Lock()

    def mac(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """OUT1 of TS 35.206: MAC-A, then MAC-S; r1 is 64 bits and c1 is zero."""
        turned = xor((sqn + amf) * 2, self.opc)
        temp = xor(self.encrypt(xor(rand, self.opc)), turned[8:] + turned[:8])
        return xor(self.encrypt(temp), self.opc)

    def out(self, rand: bytes, octets_turned: int, constant: int) -> bytes:
        """OUT2 to OUT5 of TS 35.206."""
        temp = xor(self.encrypt(xor(rand, self.opc)), self.opc)
        turned = temp[octets_turned:] + temp[:octets_turned]
        return xor(self.encrypt(xor(turned, constant.to_bytes(16))), self.opc)

    def vector(self) -> list[Avp]:
        rand = os.urandom(16)
        with self.lock:
            self.sqn = (self.sqn + STEP) % 2**48
            sqn = self.sqn.to_bytes(6)
            out2 = self.out(rand, 0, 1)
            autn = xor(sqn, out2[:6]) + self.amf + self.mac(rand, sqn, self.amf)[:8]
            ck, ik = self.out(rand, 4, 2), self.out(rand, 8, 4)
        return [
            Avp.new(SCHEME, VENDOR, SCHEME_OF_AKA),
            Avp.new(AUTHENTICATE, VENDOR, rand + autn),
            Avp.new(AUTHORIZATION, VENDOR, out2[8:]),
            Avp.new(CONFIDENTIALITY_KEY, VENDOR, ck),
            Avp.new(INTEGRITY_KEY, VENDOR, ik),
        ]

    def resynchronise(self, rand: bytes, auts: bytes) -> bool:
        """Takes the number of the USIM if that would refuse the next one (TS 33.102 6.3.5)."""
        sqn = xor(auts[:6], self.out(rand, 12, 8)[:6])
        of_usim = int.from_bytes(sqn)
        with self.lock:
            is_right = self.mac(rand, sqn, bytes(2))[8:] == auts[6:]
            ahead = (self.sqn + STEP) // STEP - of_usim // STEP
            if is_right and not 0 < ahead <= FARTHEST:
                self.sqn = of_usim
        return is_right


KNOWN = {f"{name}_private@home1.net": Subscriber(text) for name, text in SUBSCRIBERS.items()}


def refused(answer, code: int, *failed: Avp):
    answer.result_code = code
    answer.header.is_error = 3000 <= code < 4000
    if not isinstance(answer, DefinedMessage):
        # The package writes no attributes of a command that it does not know.
        answer.append_avp(Avp.new(RESULT_CODE, value=code))
    if failed:
        answer.append_avp(Avp.new(FAILED_AVP, value=list(failed)))
    return answer


def answered(app, request):
    answer = app.generate_answer(request)
    if request.header.command_code != MAR:
        return refused(answer, COMMAND_UNSUPPORTED)
    answer.vendor_specific_application_id = request.vendor_specific_application_id
    answer.auth_session_state = constants.E_AUTH_SESSION_STATE_NO_STATE_MAINTAINED
    if request.header.is_error:
        return refused(answer, INVALID_HDR_BITS)
    unknown = [avp for avp in request.avps if avp.is_mandatory and avp.name == "Unknown"]
    if unknown:
        return refused(answer, AVP_UNSUPPORTED, unknown[0])
    names = [avp for avp in request.avps if (avp.code, avp.vendor_id) == (USER_NAME, 0)]
    if not names:
        return refused(answer, MISSING_AVP, Avp.new(USER_NAME, value=""))
    subscriber = KNOWN.get(names[0].value)
    if subscriber is None:
        result = [Avp.new(VENDOR_ID, value=VENDOR), Avp.new(EXPERIMENTAL_RESULT_CODE, value=USER_UNKNOWN)]
        answer.append_avp(Avp.new(EXPERIMENTAL_RESULT, value=result))
        return answer
    for avp in request.find_avps((ITEM, VENDOR), (SCHEME, VENDOR)):
        if avp.value != SCHEME_OF_AKA:
            return refused(answer, INVALID_AVP_VALUE, avp)
    for avp in request.find_avps((ITEM, VENDOR), (AUTHORIZATION, VENDOR)):
        if len(avp.value) != 30 or not subscriber.resynchronise(avp.value[:16], avp.value[16:]):
            return refused(answer, INVALID_AVP_VALUE, avp)
    answer.result_code = SUCCESS
    answer.append_avp(Avp.new(USER_NAME, value=names[0].value))
    answer.append_avp(Avp.new(ITEM, VENDOR, subscriber.vector()))
    return answer


class Application(SimpleThreadingApplication):
    def send_answer(self, answer):
        """Sends past the statistics of the node, which need a Result-Code in each answer."""
        with contextlib.suppress(NotRoutable):
            connection, _ = self.node.route_answer(answer)
            connection.add_out_msg(answer)


if __name__ == "__main__":
    logging.disable()
    host, port = sys.argv[1].rsplit(":", 1)
    node = Node("hss.home1.net", "home1.net", [host], int(port), vendor_ids=[VENDOR])
    # Its list of what a MAR must have is that of Cx.
    node.validate_received_request_avps = False
    app = Application(ZH, is_auth_application=True, request_handler=answered)
    node.add_application(app, [node.add_peer("aaa://bsf.home1.net", "home1.net")])
    node.start()
    print("ready", flush=True)
    threading.Event().wait()
