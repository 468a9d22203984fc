import Hummingbird
import NIOSSL
