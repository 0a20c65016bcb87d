//! The test sets of TS 35.233, as hexadecimal text.
//!
//! The outputs of f1 to f5* are as published.

/// One test set. The lengths of the outputs are the sizes that the functions are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Set {
    pub(crate) iterations: u8,
    pub(crate) k: &'static str,
    pub(crate) rand: &'static str,
    pub(crate) sqn: &'static str,
    pub(crate) amf: &'static str,
    pub(crate) top: &'static str,
    pub(crate) topc: &'static str,
    pub(crate) mac_a: &'static str,
    pub(crate) mac_s: &'static str,
    pub(crate) res: &'static str,
    pub(crate) ck: &'static str,
    pub(crate) ik: &'static str,
    pub(crate) ak: &'static str,
    pub(crate) ak_s: &'static str,
}

pub(crate) const TUAK_1: Set = Set {
    iterations: 1,
    k: "abababababababababababababababab",
    rand: "42424242424242424242424242424242",
    sqn: "111111111111",
    amf: "ffff",
    top: "5555555555555555555555555555555555555555555555555555555555555555",
    topc: "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff",
    mac_a: "f9a54e6aeaa8618d",
    mac_s: "e94b4dc6c7297df3",
    res: "657acd64",
    ck: "d71a1e5c6caffe986a26f783e5c78be1",
    ik: "be849fa2564f869aecee6f62d4337e72",
    ak: "719f1e9b9054",
    ak_s: "e7af6b3d0e38",
};

pub(crate) const TUAK_2: Set = Set {
    iterations: 1,
    k: "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0",
    rand: "0123456789abcdef0123456789abcdef",
    sqn: "0123456789ab",
    amf: "abcd",
    top: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    topc: "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524",
    mac_a: "c0b8c2d4148ec7aa5f1d78a97e4d1d58",
    mac_s: "ef81af7290f7842c6ceafa537fa0745b",
    res: "e9d749dc4eea0035",
    ck: "a4cb6f6529ab17f8337f27baa8234d47",
    ik: "2274155ccf4199d5e2abcbf621907f90",
    ak: "480a9345cc1e",
    ak_s: "f84eb338848c",
};

pub(crate) const TUAK_3: Set = Set {
    iterations: 1,
    k: "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0",
    rand: "0123456789abcdef0123456789abcdef",
    sqn: "0123456789ab",
    amf: "abcd",
    top: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    topc: "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524",
    mac_a: "d97b75a1776065271b1e212bc3b1bf173f438b21e6c64a55a96c372e085e5cc5",
    mac_s: "427bbf07c6e3a86c54f8c5216499f3909a6fd4a164c9fe235b1550258111b821",
    res: "07021c73e7635c7d",
    ck: "4d59ac796834eb85d11fa148a5058c3c",
    ik: "126d47500136fdc5ddfd14f19ebf16749ce4b6435323fbb5715a3a796a6082bd",
    ak: "1d6622c4e59a",
    ak_s: "f84eb338848c",
};

pub(crate) const TUAK_4: Set = Set {
    iterations: 1,
    k: "b8da837a50652d6ac7c97da14f6acc61",
    rand: "6887e55425a966bd86c9661a5fa72be8",
    sqn: "0dea2ee2c5af",
    amf: "df1e",
    top: "0952be13556c32ebc58195d9dd930493e12a9003669988ffde5fa1f0fe35cc01",
    topc: "2bc16eb657a68e1f446f08f57c0efb1d493527a2e652ce281eb6ca0e4487760a",
    mac_a: "749214087958dd8f58bfcdf869d8ae3f",
    mac_s: "619e865afe80e382aee13063f9dfb56d",
    res: "4041ce438e3e38e8aa96562eed83ac43",
    ck: "3e3bc01bea0cd914c4c2c83ce2d92757",
    ik: "666a8e6f577b1aa77b7fd53cebb8a3d6",
    ak: "1f880d005119",
    ak_s: "45e617d77fe5",
};

pub(crate) const TUAK_5: Set = Set {
    iterations: 1,
    k: "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5",
    rand: "c570aac68cde651fb1e3088322498bef",
    sqn: "c89bb71f3a41",
    amf: "297d",
    top: "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e",
    topc: "3c6052e41532a28a47aa3cbb89f223e8f3aaa976aecd48bc3e7d6165a55eff62",
    mac_a: "d7340dad02b4cb01",
    mac_s: "c6021e2e66accb15",
    res: "84d89b41db1867ffd4c7ba1d82163f4d526a20fbae5418fbb526940b1eeb905c",
    ck: "d419676afe5ab58c1d8bee0d43523a4d2f52ef0b31a4676a0c334427a988fe65",
    ik: "205533e505661b61d05cc0eac87818f4",
    ak: "d7b3d2d4980a",
    ak_s: "ca9655264986",
};

pub(crate) const TUAK_6: Set = Set {
    iterations: 2,
    k: "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5",
    rand: "c570aac68cde651fb1e3088322498bef",
    sqn: "c89bb71f3a41",
    amf: "297d",
    top: "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e",
    topc: "b04a66f26c62fcd6c82de22a179ab65506ecf47f56245cd149966cfa9cec7a51",
    mac_a: "90d2289ed1ca1c3dbc2247bb480d431ac71d2e4a7677f6e997cfddb0cbad88b7",
    mac_s: "427355dbac30e825063aba61b556e87583abac638e3ab01c4c884ad9d458dc2f",
    res: "d67e6e64590d22eecba7324afa4af4460c93f01b24506d6e12047d789a94c867",
    ck: "ede57edfc57cdffe1aae75066a1b7479bbc3837438e88d37a801cccc9f972b89",
    ik: "48ed9299126e5057402fe01f9201cf25249f9c5c0ed2afcf084755daff1d3999",
    ak: "6aae8d18c448",
    ak_s: "8c5f33b61f4e",
};
