"""The two halves of check-power: what is posted until the power goes, and what is on the disk afterwards.

What the page cache holds of a mounted image is not in the image until the file system writes it out, which is what a sync
waits for. So a copy of the image is the disk as a loss of power would leave it.
"""

import hashlib, http.client, json, os, shutil, signal, sqlite3, sys, threading, time

SECONDS = 2


def load(process, work, token):
    port = ready(process, work + "/log")
    events, files = [], []
    going = True

    def call(connection, path, body, headers):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def post(name, one):
        connection, number = http.client.HTTPConnection("127.0.0.1", port), 0
        while going:
            number += 1
            try:
                status, content = one(connection, f"{name}-{number}")
            except (OSError, http.client.HTTPException):
                return
            if status != 202:
                print(f"{name}-{number}: {status} {content.decode()}", file=sys.stderr)
                os._exit(1)

    def event(connection, name):
        body = json.dumps({"event": "ticket.created", "id": "evt-" + name, "data": {"id": "TKT-1"}})
        headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        status, content = call(connection, "/api/v1/events", body, headers)
        if status == 202:
            events.append("evt-" + name)
        return status, content

    def mail(connection, name):
        attachment = hashlib.shake_128(name.encode()).digest(20_000)
        body = (
            b'--b\r\nContent-Disposition: form-data; name="subject"\r\n\r\nmail %s\r\n' % name.encode()
            + b'--b\r\nContent-Disposition: form-data; name="attachment1"; filename="f.bin"\r\n\r\n'
            + attachment + b"\r\n--b--\r\n")
        headers = {"X-Webhook-Secret": token, "Content-Type": "multipart/form-data; boundary=b"}
        status, content = call(connection, "/api/webhooks/inbound-email", body, headers)
        if status == 202:
            files.append((json.loads(content)["ticket"]["key"], hashlib.sha256(attachment).hexdigest()))
        return status, content

    threads = [threading.Thread(target=post, args=(f"e{k}", event), daemon=True) for k in range(8)]
    threads += [threading.Thread(target=post, args=(f"m{k}", mail), daemon=True) for k in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    os.kill(process, signal.SIGSTOP)
    while state(process) != "T":
        time.sleep(0.001)
    # What was answered is known before the copy is made; what comes out of a socket later was answered, too.
    answered = {"events": list(events), "files": list(files)}
    shutil.copyfile(work + "/disk.image", work + "/copy.image")
    going = False
    with open(work + "/answered.json", "w") as file:
        json.dump(answered, file)


def ready(process, log):
    for _ in range(600):
        for line in open(log):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get("message") == "listening" and entry.get("listener") == "public":
                port = int(entry["port"])
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return port
        os.kill(process, 0)
        time.sleep(0.1)
    sys.exit("the process does not become ready:\n" + open(log).read())


def state(process):
    return open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()[0]


def compare(work, round):
    answered = json.load(open(work + "/answered.json"))
    database = sqlite3.connect(work + "/copy/state.db")
    (health,) = database.execute("PRAGMA integrity_check").fetchone()
    events = {id for (id,) in database.execute("SELECT id FROM event")}
    lost = [id for id in answered["events"] if id not in events]
    attachments = set(database.execute("SELECT key, sha256 FROM attachment JOIN record ON record.seq = record_seq"))
    for key, digest in answered["files"]:
        path = f"{work}/copy/state.db.files/{digest[:2]}/{digest}"
        if (key, digest) not in attachments or not os.path.exists(path):
            lost.append(key)
        elif hashlib.sha256(open(path, "rb").read()).hexdigest() != digest:
            lost.append(key)
    database.close()
    counts = f"{len(answered['events'])} events and {len(answered['files'])} mails answered"
    print(f"loss of power {round}: {counts}, {len(lost)} of them lost, integrity {health}")
    if lost or health != "ok" or not answered["events"] or not answered["files"]:
        sys.exit(f"lost: {lost[:10]}")


if sys.argv[1] == "load":
    load(int(sys.argv[2]), sys.argv[3], sys.argv[4])
else:
    compare(sys.argv[2], sys.argv[3])
